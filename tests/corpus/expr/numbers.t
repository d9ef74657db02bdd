# Operators, coercions and the functions of numbers and truths, by ODK's rules.
%form
<data><a type="int"/><b/><n type="int"/><t/><r repeat=""><x type="decimal"/></r></data>
%end
%instance
<data><a>5</a><b/><n>0</n><t>abc</t><r><x>1.5</x></r><r><x/></r><r><x>-4</x></r></data>
%end
1 + 2 * 3 - 4 div 2	number	5
(1 + 2) * 3	number	9
8 - 3 - 2	number	3
2 * 3 mod 4	number	2
5 mod 2	number	1
-5 mod 2	number	-1
5.5 mod 2	number	1.5
1 mod 0	number	NaN
1 div 0	number	Infinity
-1 div 0	number	-Infinity
0 div 0	number	NaN
0.1 + 0.2	number	0.30000000000000004
1 div 3	number	0.3333333333333333
100 * 1.1	number	110.00000000000001
123456789012345680000	number	123456789012345680000
-0	number	0
'5' + 1	number	6
' 5 ' + 1	number	6
'' + 1	number	NaN
'5,5' + 1	number	NaN
'1a' + 1	number	NaN
'+5' + 1	number	NaN
'0x10' + 1	number	NaN
'Infinity' + 1	number	NaN
'1e3' + 1	number	1001
true() + 1	number	2
false() + 1	number	1
${a} + 1	number	6
${b} + 1	number	NaN
${t} + 1	number	NaN
coalesce(${b}, 0) + ${a}	number	5
coalesce(${b}, true()) + 1	number	NaN
coalesce(${b}, '7') + 1	number	8
1 = 1.0	boolean	true
0.1 + 0.2 = 0.3	boolean	false
'a' = 'a'	boolean	true
'a' = 'A'	boolean	false
'1' = 1	boolean	true
'1.0' = '1'	boolean	false
'' = 0	boolean	false
'' != 0	boolean	true
'' < 1	boolean	false
'' > 1	boolean	false
'' >= 0	boolean	false
true() = 1	boolean	true
true() = 'no'	boolean	true
false() = ''	boolean	true
'2' < '10'	boolean	true
'a' < 'b'	boolean	false
0 div 0 = 0 div 0	boolean	false
0 div 0 != 0 div 0	boolean	true
${a} = 5	boolean	true
${a} = '5'	boolean	true
${a} = '5.0'	boolean	false
${a} = 5.0	boolean	true
${b} = ''	boolean	true
${b} != ''	boolean	false
${b} = 0	boolean	false
${t} = 'abc'	boolean	true
${a} > ${n}	boolean	true
${a} >= 5	boolean	true
${a} <= 4	boolean	false
${a} = ${n}	boolean	false
${a} != ${n}	boolean	true
${x} = 1.5	boolean	true
${x} != 1.5	boolean	true
${x} = ''	boolean	true
${x} > 1	boolean	true
1 < ${x}	boolean	true
true() >= ${a}	boolean	false
true() >= ${x}	boolean	true
/data/none < true()	boolean	true
//none < true()	boolean	true
3 > 2 > 1	boolean	false
1 < 2 = true()	boolean	true
1 and 1	boolean	true
1 and 0	boolean	false
0 or 0	boolean	false
'a' and 'false'	boolean	true
0 or 1 and 0	boolean	false
1 or 0 and 0	boolean	true
# a reference counts by its value, a set by whether there is one
if(${a}, 'y', 'n')	string	y
if(${b}, 'y', 'n')	string	n
if(${n}, 'y', 'n')	string	n
if(${t}, 'y', 'n')	string	y
if(/data/b, 'y', 'n')	string	n
if(//b, 'y', 'n')	string	y
if(/data/r/x, 'y', 'n')	string	y
if(/data/none, 'y', 'n')	string	n
not(${b})	boolean	true
boolean(${a})	boolean	true
boolean('')	boolean	false
boolean('false')	boolean	true
boolean(0)	boolean	false
boolean(0 div 0)	boolean	false
boolean(-1)	boolean	true
if('', 1, 2)	number	2
if('false', 1, 2)	number	1
if(1, if(0, 'a', 'b'), 'c')	string	b
if(${a} = 5, ${a}, 'c')	nodes	5
true()	boolean	true
false()	boolean	false
not(1 = 2)	boolean	true
boolean-from-string('true')	boolean	true
boolean-from-string('True')	boolean	false
boolean-from-string('1')	boolean	true
boolean-from-string(1)	boolean	true
boolean-from-string('0')	boolean	false
boolean-from-string('yes')	boolean	false
boolean-from-string('')	boolean	false
number('5')	number	5
number('-5.5')	number	-5.5
number('.5')	number	0.5
number('5.')	number	5
number('-')	number	NaN
number('')	number	NaN
number('1a')	number	NaN
number('2018-01-01')	number	NaN
number(true())	number	1
number()	number	NaN
number(${a})	number	5
int(2.9)	number	2
int(-2.9)	number	-2
int('2.51')	number	2
int('')	number	NaN
int('a')	number	NaN
int(1 div 0)	number	Infinity
round(1.5)	number	2
round(2.5)	number	3
round(-1.5)	number	-2
round(-2.5)	number	-3
round(-0.4)	number	0
round(1.234, 2)	number	1.23
round(1.005, 2)	number	1
round(-1.475, 2)	number	-1.48
round(2.345, 2)	number	2.35
round(12345.6789, -2)	number	12300
round(626.3, -3)	number	1000
round(50, -2)	number	100
round(49, -2)	number	0
round('', 2)	number	NaN
round(1.5, '')	number	NaN
round(1.23456789, 400)	number	1.23456789
round(1234, -400)	number	0
round(1 div 0, 2)	number	Infinity
round('7.5')	number	8
floor(1.9)	number	1
floor(-1.1)	number	-2
ceiling(1.1)	number	2
ceiling(-1.9)	number	-1
floor('')	number	NaN
sum(${x})	number	-2.5
sum(/data/r/x)	number	-2.5
sum(/data/none)	number	0
sum(${t})	number	0
min(${x})	number	-4
max(${x})	number	1.5
min(3, 1, 2)	number	1
max(3, 1, 2)	number	3
max('', 3)	number	3
min('', '')	number	NaN
max(/data/none)	number	NaN
max(${x}, 99)	number	99
min('a', 2)	number	2
abs(-3)	number	3
abs('')	number	NaN
pow(2, 10)	number	1024
pow(0, 0)	number	1
pow(4, 0.5)	number	2
pow('', 0)	number	NaN
pow(1, '')	number	NaN
sqrt(16)	number	4
sqrt(-1)	number	NaN
exp(0)	number	1
exp(1)	number	2.718281828459045
exp10(3)	number	1000
exp10(-2)	number	0.01
log(1)	number	0
log(0)	number	-Infinity
log10(1000)	number	3
sin(0)	number	0
cos(0)	number	1
tan(0)	number	0
asin(1)	number	1.5707963267948966
asin(2)	number	NaN
acos(1)	number	0
atan(1)	number	0.7853981633974483
atan2(1, 1)	number	0.7853981633974483
atan2(0, -1)	number	3.141592653589793
pi()	number	3.141592653589793
random()	matches	0\.\d+
random() < 1	boolean	true
string(1 div 3)	string	0.3333333333333333
string(-0)	string	0
string(1e-13)	string	0
string(1e-7)	string	0.0000001
string(1e21)	string	1000000000000000000000
string(0 div 0)	string	NaN
string(1 div 0)	string	Infinity
string(true())	string	true
string(5.0)	string	5
checklist(1, 2, 1, 0, 1)	boolean	true
checklist(1, 2, 1, 1, 1)	boolean	false
checklist(3, -1, 1, 1, 1, 1)	boolean	true
checklist(-1, 2, 1, 1, 1)	boolean	false
checklist(-1, -1)	boolean	true
checklist(2, 3, /data/r/x)	boolean	true
weighted-checklist(5, 10, 1, 3, 1, 4)	boolean	true
weighted-checklist(5, 10, 1, 3, 0, 4)	boolean	false
weighted-checklist(-1, -1, 1, 3)	boolean	true
weighted-checklist(1, -1, /data/r/x, /data/r/x)	boolean	false

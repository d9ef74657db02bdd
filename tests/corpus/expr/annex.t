# What ODK's engine was observed to do (xlsform.md, annex), where our own rules do not say otherwise.
%zone Asia/Jakarta
%form
<data><a/><b/></data>
%end
%instance
<data><a>1</a><b/></data>
%end
1 = 1	boolean	true
0 div 0	number	NaN
10 div 3	number	3.3333333333333335
1 div 0	number	Infinity
1000000 * 1000000	number	1000000000000
0.1 + 0.2	number	0.30000000000000004
5 mod -3	number	2
-5 mod 3	number	-2
int(-0.5)	number	0
if('false', 1, 0)	number	1
if('' != 1, 'a', 'b')	string	a
if('' < 1, 'a', 'b')	string	b
if('' = 0, 'a', 'b')	string	b
number('1,5')	number	NaN
number('1e3')	number	1000
max('', 3)	number	3
min(1, '')	number	1
coalesce(0 div 0, 5)	string	5
join('-', 'a', '', 'b')	string	a--b
'a' + 'b'	number	NaN
abs('')	number	NaN
sqrt(-1)	number	NaN
substr('hello', -3)	string	llo
substring('12345', 0)	string	12345
substring('12345', 2, 3)	string	234
selected-at('a b', -1)	string	
translate('bar', 'abc', 'AB')	string	BAr
count-selected(' a  b ')	number	2
format-date('2020-02-03', '%a %e %b %y')	string	Mon 3 Feb 20
format-date('2020-02-03T04:05:06', '%H %h %M %S %3')	string	04 4 05 06 000
decimal-time('06:00')	number	0.25
if(date('2020-01-02') = '2020-01-02', 't', 'f')	string	t
if('2020-01-02' > '2020-01-01', 't', 'f')	string	t
date('2020-1-2')	date	2020-01-02
3 > 2 > 1	boolean	false
8 - 3 - 2	number	3
2 * 3 + 4	number	10
- 3 + 5	number	2
if(1 and (0 div 0), 't', 'f')	string	f
count(/data/none)	number	0
7 div 2	number	3.5
position(..)	number	1
version()	string	2026013101

# How characters become tokens, and where faults are found.
%form
<data><a/><div/><and/><a-b/><b/><x.y/><mod/></data>
%end
%instance
<data><a>1</a><div>8</div><and>3</and><a-b>5</a-b><b>2</b><x.y>9</x.y><mod>4</mod></data>
%end
1and1	boolean	true
1 and1	boolean	true
1and 1	boolean	true
1 and\n\t1	boolean	true
'1'and'1'	boolean	true
1or0	boolean	true
6div2	number	3
7mod4	number	3
7 mod-4	number	3
1 And 1	error	EXPR_EXPECTED@3
1 OR 1	error	EXPR_EXPECTED@3
/data/a-b	nodes	5
/data/a - /data/b	number	-1
/data/a -/data/b	number	-1
/data/x.y	nodes	9
/data/div div /data/and	number	2.6666666666666665
/data/mod mod 3	number	1
/data/and and /data/div	boolean	true
div	nodes	8
div div div	number	1
mod mod mod	number	0
a*b	number	2
a * b	number	2
*	nodes	1
* * *	number	1
${a}	nodes	1
${a-b}	nodes	5
${x.y}	nodes	9
${a}+${b}	number	3
${a}-${b}	number	-1
${ a }	error	EXPR_REF_FORM@1
${a	error	EXPR_REF_FORM@1
${}	error	EXPR_REF_FORM@1
${1a}	error	EXPR_REF_FORM@1
1 + ${nope}	error	REF_UNKNOWN@5
${last-saved#a}	string	
${last-saved#nope}	error	REF_UNKNOWN@1
$a	error	EXPR_REF_FORM@1
.5	number	0.5
1.	number	1
1.50	number	1.5
1e3	number	1000
1E-3	number	0.001
1.5e+2	number	150
1e	error	EXPR_EXPECTED@2
1..2	error	EXPR_EXPECTED@3
'it is "so"'	string	it is "so"
"it's"	string	it's
'a\\b'	string	a\\\\b
''	string	
'open	error	EXPR_QUOTE@1
concat('é', 'open)	error	EXPR_QUOTE@13
'é' + #	error	EXPR_CHARACTER@7
1 ! 2	error	EXPR_CHARACTER@3
a & b	error	EXPR_CHARACTER@3
1 + 1	number	2
1 + 1	number	2
- - 3	number	3
---3	number	-3
2--3	number	5
2 - -3	number	5
-a	number	-1
-'5'	number	-5
--'5'	number	5
(1)	number	1
((((1))))	number	1
()	error	EXPR_EXPECTED@2
(1	error	EXPR_EXPECTED@3
1)	error	EXPR_EXPECTED@2
if(1, 2	error	EXPR_EXPECTED@8
if(1, 2,)	error	EXPR_EXPECTED@9
concat(,)	error	EXPR_EXPECTED@8
1 2	error	EXPR_EXPECTED@3
1 =	error	EXPR_EXPECTED@4
= 1	error	EXPR_EXPECTED@1
a[	error	EXPR_EXPECTED@3
a[1	error	EXPR_EXPECTED@4
a]	error	EXPR_EXPECTED@2
a/	error	EXPR_EXPECTED@3
/	nodes	1835294
a//	error	EXPR_EXPECTED@4
sideways::a	error	EXPR_EXPECTED@1
jr:nothing('a')	error	EXPR_FUNCTION@1
Concat('a')	error	EXPR_FUNCTION@1
nothing()	error	EXPR_FUNCTION@1
1 + nothing()	error	EXPR_FUNCTION@5
true(1)	error	EXPR_ARITY@1
not()	error	EXPR_ARITY@1
if(1, 2)	error	EXPR_ARITY@1
weighted-checklist(1, 2, 3)	error	EXPR_ARITY@1
indexed-repeat(a, a, 1, a)	error	EXPR_ARITY@1
count('a')	error	EXPR_NODES@7
count(1 + 1)	error	EXPR_NODES@7
position('a')	error	EXPR_NODES@10
sum('a')	error	EXPR_NODES@5
'a'/b	error	EXPR_NODES@1
(1 | a)	error	EXPR_NODES@2
regex('a', '(')	error	EXPR_REGEX@12
instance('nope')/root/item	error	EXPR_INSTANCE@10
# what can never run is not looked at
false() and nothing()	boolean	false
0 and substring()	boolean	false
true() and false() and substring()	boolean	false
true() or substring()	boolean	true
1 or nothing(1, 2) + 1	boolean	true
false() or true() or nothing()	boolean	true
if(true(), 1, nothing())	number	1
if(0, nothing(), 2)	number	2
0 and /nothing[/nope]	boolean	false
/data/a and nothing()	error	EXPR_FUNCTION@13

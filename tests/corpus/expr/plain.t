# Under plain XPath (form eval --xml) the core functions are XPath 1.0's, the others ODK's.
%zone America/Phoenix
%xml
<data><a>1</a><a>2</a><a>x</a><e/><d>2012-07-23</d><sel>p q r</sel><n>17</n></data>
%end
round(-1.5)	number	-1
round(2.5)	number	3
round(-2.5)	number	-2
round(-0.4)	number	0
round(1.25, 1)	number	1.3
round(-1.25, 1)	number	-1.3
concat(//a, 'z')	string	1z
concat('a', 'b')	string	ab
join('', //a)	string	12x
sum(//a)	number	NaN
sum(//a[. != 'x'])	number	3
sum(/none)	number	0
min(//a)	number	1
max(//a)	number	2
number('1e3')	number	NaN
number('  17 ')	number	17
1e3	number	1000
string(0.0000000000001)	string	0.0000000000001
string(1e300 * 1e10)	string	Infinity
boolean(//e)	boolean	true
if(//e, 'there', 'not')	string	there
if(//none, 'there', 'not')	string	not
not(//e)	boolean	false
//e = ''	boolean	true
/none = ''	boolean	false
/none != ''	boolean	false
. = 'x'	boolean	false
//d > '2012-07-22'	boolean	true
//d = date('2012-07-23')	boolean	true
//d < date('2012-07-24')	boolean	true
//d + 1	number	NaN
selected(//sel, 'q')	boolean	true
count-selected(//sel)	number	3
coalesce(//e, //a)	string	1
position(//a[3])	number	3
count(//a[position() < 3])	number	2
today()	date	2026-01-30
regex(//n, '\d+')	boolean	true
indexed-repeat(//a, /data, 1)	nodes	1
once('x')	string	12x2012-07-23p q r17
instance('x')/root	nodes	
pulldata('a', 'b', 'c', 'd')	string	
version()	string	
jr:choice-name('a', 'b')	string	
${a}	error	EXPR_NO_FORM@1
${last-saved#a}	error	EXPR_NO_FORM@1
position('0 2')	error	EXPR_NODES@10
zz:a	error	EXPR_PREFIX@1
/data/zz:a	error	EXPR_PREFIX@7
%at //a[2]
.	nodes	2
..	nodes	12x2012-07-23p q r17
string()	string	2
number()	number	2
string-length()	number	1
normalize-space()	string	2
name()	string	a
local-name()	string	a
position()	number	1
last()	number	1
preceding-sibling::a	nodes	1
following-sibling::a	nodes	x
/data/a	nodes	1

# XPath 1.0 on a document with namespaces, comments and instructions. Checked against libxml2.
%ns x=urn:x
%ns y=urn:y
%xml
<root xmlns:x="urn:x"><!--top--><?pi data?><a id="1" x:q="v">one<b>two</b>three</a><a id="2"><b>4</b><b>5</b><c><b>6</b></c></a><x:n/><n xmlns="urn:x"><m/></n><d xml:lang="en-US">text<!-- c --></d><e/><num>7</num></root>
%end
count(//*)	number	14
count(//node())	number	25
count(//text())	number	8
count(//comment())	number	2
count(//processing-instruction())	number	1
//processing-instruction('pi')	nodes	data
//processing-instruction('zz')	nodes	
/root/a[1]	nodes	onetwothree
/root/a[last()]/b[2]	nodes	5
/root/a[position()=2]/b[position()<2]	nodes	4
//b[1]	nodes	two
(//b)[1]	nodes	two
(//b)[last()]	nodes	6
count(//b[1])	number	3
//a/@id	nodes	1
//a[@id='2']/b	nodes	4
//@x:q	nodes	v
//x:n	nodes	
count(//x:*)	number	3
count(//n)	number	0
name(//x:*[2])	string	n
local-name(//x:n)	string	n
namespace-uri(//x:n)	string	urn:x
name(//@x:q)	string	x:q
name(/)	string	
name(//comment())	string	
name(//processing-instruction())	string	pi
count(/root/a[2]/c/b/ancestor::*)	number	3
/root/a[2]/c/b/ancestor::*[1]/@id	nodes	
name(/root/a[2]/c/b/ancestor::*[1])	string	c
name(/root/a[2]/c/b/ancestor::*[last()])	string	root
name(/root/a[2]/c/b/ancestor-or-self::*[1])	string	b
count(//c/preceding::*)	number	4
name(//c/preceding::*[1])	string	b
name(//c/preceding::*[last()])	string	a
count(//c/preceding::node())	number	11
count(//c/following::node())	number	9
name(//c/following::*[1])	string	x:n
name(//c/following::*[last()])	string	num
count(//c/preceding-sibling::*)	number	2
//c/preceding-sibling::b[1]	nodes	5
//c/preceding-sibling::b[2]	nodes	4
count(//a[1]/following-sibling::*)	number	6
name(//a[1]/following-sibling::*[2])	string	x:n
count(//a/descendant::b)	number	4
count(//a/descendant-or-self::node())	number	13
count(//a/descendant-or-self::*)	number	7
count(//@*)	number	4
count(//@*/..)	number	3
count(//a/@id/preceding::*)	number	2
count(//a/@id/ancestor::*)	number	3
//a[b=5]/@id	nodes	2
//a[b!=5]/@id	nodes	1
count(//a[b=4 or b='two'])	number	2
//b > 5	boolean	true
//b = //num	boolean	false
//b < //num	boolean	true
//num >= //b	boolean	true
string(//a)	string	onetwothree
string(//a[1])	string	onetwothree
string(/)	string	onetwothree456text7
string-length(/)	number	19
sum(//a[2]/b)	number	9
sum(//a[1]/b)	number	NaN
sum(/nothing)	number	0
number(//num)	number	7
number(//a)	number	NaN
boolean(//e)	boolean	true
boolean(//zz)	boolean	false
not(//e)	boolean	false
//e or false()	boolean	true
lang('en')	boolean	false
count(//*[lang('en')])	number	1
name(//*[lang('EN-us')])	string	d
count(//*[lang('fr')])	number	0
concat(//b,'-',//num)	string	two-7
starts-with('abc','a')	boolean	true
contains('abc','')	boolean	true
substring('12345', 1.5, 2.6)	string	234
substring('12345', 0, 3)	string	12
substring('12345', 0 div 0, 3)	string	
substring('12345', 1, 0 div 0)	string	
substring('12345', -42, 1 div 0)	string	12345
substring('12345', -1 div 0, 1 div 0)	string	
substring('12345', 2)	string	2345
substring('12345', 1.5)	string	2345
substring-before('1999/04/01','/')	string	1999
substring-after('1999/04/01','/')	string	04/01
substring-after('1999/04/01','19')	string	99/04/01
substring-before('abc','')	string	
substring-after('abc','')	string	abc
substring-before('abc','z')	string	
normalize-space('  a  b \t c ')	string	a b c
translate('bar','abc','ABC')	string	BAr
translate('--aaa--','abc-','ABC')	string	AAA
translate('aab','aa','xy')	string	xxb
string(-0)	string	0
string(0.1)	string	0.1
string(1e3)	string	1000
string(1 div 0)	string	Infinity
string(-1 div 0)	string	-Infinity
string(0 div 0)	string	NaN
string(true())	string	true
number('+1')	number	NaN
number(' 12 ')	number	12
number('1 2')	number	NaN
number('')	number	NaN
number('-.5')	number	-0.5
number('5.')	number	5
number(true())	number	1
floor(-1.5)	number	-2
ceiling(-1.5)	number	-1
round(-1.5)	number	-1
round(1.5)	number	2
round(2.5)	number	3
round(-2.5)	number	-2
round(-0.4)	number	0
round(0 div 0)	number	NaN
round(1 div 0)	number	Infinity
5 mod 2	number	1
5 mod -2	number	1
-5 mod 2	number	-1
1.5 mod 0.5	number	0
5 mod 0	number	NaN
1 + 2 * 3 - 4 div 2	number	5
-(1)	number	-1
--1	number	1
- - 1	number	1
1 - -1	number	2
1--1	number	2
2*3	number	6
//num*2	number	14
//num * //num	number	49
//num mod 4	number	3
//num div 2	number	3.5
(1+2)*3	number	9
1 = 1 = 1	boolean	true
1 < 2 < 3	boolean	true
3 > 2 > 1	boolean	false
1 = true()	boolean	true
'a' = true()	boolean	true
'' = false()	boolean	true
0 = false()	boolean	true
'1' = 1	boolean	true
'1.0' = 1	boolean	true
'a' != 'b'	boolean	true
0 div 0 = 0 div 0	boolean	false
0 div 0 != 0 div 0	boolean	true
//zz = ''	boolean	false
//zz != ''	boolean	false
//e = ''	boolean	true
//zz = false()	boolean	true
//b = true()	boolean	true
//b = false()	boolean	false
true() > false()	boolean	true
false() >= //zz	boolean	true
false() >= //b	boolean	false
//b > false()	boolean	true
//zz < true()	boolean	true
//e <= false()	boolean	false
'2' > '10'	boolean	false
'a' < 'b'	boolean	false
1 and 0	boolean	false
1 or 0	boolean	true
true() and not(false())	boolean	true
1 | 2	error	EXPR_NODES@1
//b | //num	nodes	two
count(//b | //b)	number	4
(//num | //b)[1]	nodes	two
count(//b | //@* | /)	number	9
/root/*[self::a or self::e][last()]	nodes	
name(/root/*[5])	string	d
/root/child::node()[2]	nodes	data
name(/root/node()[1]/self::comment())	string	
//a[1]/text()[2]	nodes	three
//a/text()	nodes	one
count(//d/text())	number	1
//d/comment()	nodes	 c 
self::node()	nodes	onetwothree456text7
.	nodes	onetwothree456text7
count(.)	number	1
/root/a[2]/b[. = 5]	nodes	5
/root/a[2]/b[.=5][1]	nodes	5
/root/a[2]/b[1][.=5]	nodes	
/root/a[b]	nodes	onetwothree
count(/root/*[not(*)])	number	4
count(/root/a[not(@id='1')])	number	1
//*[@id][2]/@id	nodes	2
//a[@*]	nodes	onetwothree
/root/a/b/..	nodes	onetwothree
count(/root/a/b/..)	number	2
count(/root/a/b/../..)	number	1
count(//b/ancestor-or-self::node())	number	9
/descendant::b[3]	nodes	5
/descendant-or-self::node()/child::b[1]	nodes	two
count(/descendant-or-self::node()/child::b[1])	number	3
//c//b	nodes	6
//a//b[2]	nodes	5
attribute::id	nodes	
//a/attribute::x:q	nodes	v
//a/attribute::*	nodes	1
//a/child::b	nodes	two
//b/parent::c	nodes	6
//b/parent::a/@id	nodes	1
//b[position() mod 2 = 1]	nodes	two
count(//b[position() = last()])	number	3
//b[last()-1]	nodes	4
/root/a[count(b)=2]/@id	nodes	2
//a[string-length(@id)=1][2]/@id	nodes	2
foo bar	error	EXPR_EXPECTED@5
1 +	error	EXPR_EXPECTED@4
+ 1	error	EXPR_EXPECTED@1
//	error	EXPR_EXPECTED@3
/..	nodes	
[1]	error	EXPR_EXPECTED@1
//a[	error	EXPR_EXPECTED@5
//a[1	error	EXPR_EXPECTED@6
(1	error	EXPR_EXPECTED@3
1)	error	EXPR_EXPECTED@2
foo()	error	EXPR_FUNCTION@1
count()	error	EXPR_ARITY@1
count(1)	error	EXPR_NODES@7
count(//a, 1)	error	EXPR_ARITY@1
substring('a')	error	EXPR_ARITY@1
true(1)	error	EXPR_ARITY@1
'abc	error	EXPR_QUOTE@1
"abc	error	EXPR_QUOTE@1
//a/@	error	EXPR_EXPECTED@6
@	error	EXPR_EXPECTED@2
a:b	error	EXPR_PREFIX@1
/root/x:n	nodes	
$a	error	EXPR_REF_FORM@1
//a[@id=1]|//num	nodes	onetwothree
* * *	number	NaN
//num*//num	number	49
div div div	number	NaN
/root/a[1]/b/text()/..	nodes	two
//text()[contains(.,'thr')]	nodes	three
following-sibling::a	nodes	
child::para	nodes	
descendant::num	nodes	7
.//num	nodes	7
.//b[2]	nodes	5
./descendant::b[2]	nodes	4
//b[../@id='2'][2]	nodes	5
/root/a[@id=2]/b[number()>4]	nodes	5
/root/a[@id=2]/b[string()='5']	nodes	5
/root/a[@id=2]/b[string-length()=1][2]	nodes	5
//d[normalize-space()='text']	nodes	text

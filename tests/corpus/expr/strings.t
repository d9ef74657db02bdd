# Functions of texts and of lists of words.
%form
<data><a/><b/><multi/><r repeat=""><x/></r></data>
%end
%instance
<data><a>hello</a><b/><multi>a  b c</multi><r><x>one</x></r><r><x/></r><r><x>two</x></r></data>
%end
string(${a})	string	hello
string(${b})	string	
string(/data/none)	string	
string(/data/r/x)	string	one
string(/data/r)	string	one
concat()	string	
concat('a')	string	a
concat('a', 1, true(), 0.5)	string	a1true0.5
concat(${x}, '!')	string	onetwo!
concat(0 div 0, 'a')	string	NaNa
join('-', 'a', '', 'b')	string	a--b
join(', ', ${x})	string	one, , two
join('-', ${x}, 'z')	string	one--two-z
join('-')	string	
join('', 'a', 'b')	string	ab
starts-with('hello', 'he')	boolean	true
starts-with('hello', '')	boolean	true
starts-with('', 'a')	boolean	false
starts-with('hello', 'He')	boolean	false
ends-with('hello', 'lo')	boolean	true
ends-with('hello', '')	boolean	true
ends-with('lo', 'hello')	boolean	false
contains('hello', 'ell')	boolean	true
contains('hello', '')	boolean	true
contains('', 'a')	boolean	false
contains('', '')	boolean	true
substring-before('1999/04/01', '/')	string	1999
substring-before('abc', 'x')	string	
substring-before('abc', '')	string	
substring-after('1999/04/01', '/')	string	04/01
substring-after('1999/04/01', '19')	string	99/04/01
substring-after('abc', 'x')	string	
substring-after('abc', '')	string	abc
substring-after('aXXb', 'XX')	string	b
substring('12345', 2)	string	2345
substring('12345', 2, 3)	string	234
substring('12345', 1.5, 2.6)	string	234
substring('12345', 0, 3)	string	12
substring('12345', 0 div 0, 3)	string	
substring('12345', 1, 0 div 0)	string	
substring('12345', -42, 1 div 0)	string	12345
substring('12345', -1 div 0, 1 div 0)	string	
substring('12345', '2')	string	2345
substring('áéíóú', 2, 2)	string	éí
substring('', 1, 2)	string	
substr('hello', 1)	string	ello
substr('hello', 1, 3)	string	el
substr('hello', 0, 0)	string	
substr('hello', -3)	string	llo
substr('hello', -3, -1)	string	ll
substr('hello', 3, 1)	string	
substr('hello', -99, 99)	string	hello
substr('hello', 1.9, 3.9)	string	el
substr('hello', '')	string	
substr('hello', 'x', 2)	string	
substr('', 0, 2)	string	
substr('日本語文字', 1, 3)	string	本語
string-length('hello')	number	5
string-length('')	number	0
string-length('日本')	number	2
string-length('😀')	number	1
string-length(${a})	number	5
string-length(12.5)	number	4
string-length()	number	17
normalize-space('  a \t b\n ')	string	a b
normalize-space('')	string	
normalize-space(${multi})	string	a b c
translate('bar', 'abc', 'AB')	string	BAr
translate('--aaa--', 'abc-', 'ABC')	string	AAA
translate('aab', 'aa', 'xy')	string	xxb
translate('été', 'é', 'e')	string	ete
translate('abc', '', 'x')	string	abc
translate('abc', 'abc', '')	string	
coalesce('', 'b')	string	b
coalesce('a', 'b')	string	a
coalesce('', '')	string	
coalesce(${b}, ${a})	string	hello
coalesce(${a}, ${b})	string	hello
coalesce('', '', 'c')	string	c
coalesce(0 div 0, 5)	string	5
coalesce(0, 5)	string	0
coalesce(/data/none, 'x')	string	x
regex('abc', 'abc')	boolean	true
regex('abcd', 'abc')	boolean	false
regex('abc', '^abc$')	boolean	true
regex('abc', 'b')	boolean	false
regex('abc', '.*b.*')	boolean	true
regex('', '')	boolean	true
regex('', '.+')	boolean	false
regex(${b}, '\\d*')	boolean	false
regex(${b}, '\d*')	boolean	true
regex('0812345678', '^08\d{8,11}$')	boolean	true
regex('6371', '\d{4}')	boolean	true
regex('a1', '[a-z]\d')	boolean	true
regex('foo.bar@x.id', '^[\w.+-]+@[\w-]+\.[a-z]{2,}$')	boolean	true
regex('aXb', '(?i)AxB')	boolean	true
regex('ab', 'a|ab')	boolean	true
regex('ab', 'a(?=b).')	boolean	true
regex('Abc1', '(?=.*\d)(?=.*[A-Z]).{4,}')	boolean	true
regex('aaa', 'a+?')	boolean	true
regex('é', '\p{L}')	boolean	true
regex('é', '.')	boolean	true
regex('é', '\w')	boolean	false
regex('ABC', '\p{Upper}+')	boolean	true
regex('abC', '\p{Lower}+')	boolean	false
regex('a-b', '[\p{Alpha}-]+')	boolean	true
regex('5', '[^\p{Digit}]')	boolean	false
regex('5', '\P{Alpha}')	boolean	true
regex('é', '\u00e9')	boolean	true
regex('é', '[\u00C0-\u00FF]')	boolean	true
regex('a/b', 'a\/b')	boolean	true
regex('a\nb', 'a.b')	boolean	false
regex('a\nb', 'a[^]b')	boolean	true
regex('a\n', 'a$')	boolean	false
regex('aa', '(a)\1')	boolean	true
regex('я', '\p{IsCyrillic}')	boolean	true
regex('abc', concat('a', 'b', 'c'))	boolean	true
regex('abc', concat('(', 'b'))	error	EXPR_RUN
regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$')	matches	.*
base64-decode('aGVsbG8=')	string	hello
base64-decode('aGVsbG8')	string	hello
base64-decode('w6k=')	string	é
base64-decode('')	string	
base64-decode('???')	string	
base64-decode('/w==')	string	
digest('some text', 'MD5', 'hex')	string	552e21cd4cd9918678e3c1a0df491bc3
digest('some text', 'SHA-1', 'hex')	string	37aa63c77398d954473262e1a0057c1e632eda77
digest('some text', 'SHA-256', 'hex')	string	b94f6f125c79e3a5ffaa826f584c10d52ada669e6762051b826b55776d05aed2
digest('some text', 'MD5')	string	VS4hzUzZkYZ448Gg30kbww==
digest('some text', 'SHA-1', 'base64')	string	N6pjx3OY2VRHMmLhoAV8HmMu2nc=
digest('some text', 'SHA-384', 'hex')	string	cc94ec3e9873c0b9a72486442958f671067cdf77b9427416d031440cc62041e2ee1344498447ec0ced9f7043461bd1f3
digest('some text', 'SHA-512', 'hex')	string	e2732baedca3eac1407828637de1dbca702c3fc9ece16cf536ddb8d6139cd85dfe7464b8235b29826f608ccf4ac643e29b19c637858a3d8710a59111df42ddb5
digest('é', 'MD5', 'hex')	string	66ddcd97cfdeabb2f6fb8a999b4bc76f
digest('', 'MD5', 'hex')	string	d41d8cd98f00b204e9800998ecf8427e
digest('a', 'MD4')	error	EXPR_RUN
digest('a', 'md5')	error	EXPR_RUN
digest('a', 'MD5', 'base32')	error	EXPR_RUN
%signed message
extract-signed('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAG1lc3NhZ2U=', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')	string	message
extract-signed('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAG1lc3NhZ2V4', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')	string	
extract-signed('short', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')	string	
extract-signed('', '')	string	
uuid()	matches	[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}
uuid(10)	matches	[A-Za-z0-9]{10}
uuid(0)	string	
string-length(uuid(300))	number	300
uuid('')	error	EXPR_RUN
uuid(9999999999)	error	EXPR_RUN
selected('a b c', 'b')	boolean	true
selected('a b c', ' b ')	boolean	true
selected('ab c', 'b')	boolean	false
selected('a b', '')	boolean	false
selected('', 'a')	boolean	false
selected('', '')	boolean	true
selected(${b}, '')	boolean	true
selected(${multi}, 'c')	boolean	true
is-selected(${multi}, 'd')	boolean	false
selected-at('a b c', 0)	string	a
selected-at('a b c', 2)	string	c
selected-at('a b c', 3)	string	
selected-at('a b c', -1)	string	
selected-at(${multi}, 1)	string	b
selected-at('', 0)	string	
selected-at('a b', '')	string	
selected-at('a b', 1.9)	string	b
count-selected('a b c')	number	3
count-selected(' a  b ')	number	2
count-selected('')	number	0
count-selected(${b})	number	0
count-non-empty(${x})	number	2
count-non-empty(/data/none)	number	0
property('deviceid')	string	cacah:test
property('nothing')	string	
version()	string	2026013101
jr:itext('anything')	string	
jr:choice-name('v1', '${a}')	string	v1 of /data/a
jr:choice-name('v1', ' /data/a ')	string	v1 of /data/a
jr:choice-name(${a}, '${nope}')	error	REF_UNKNOWN@22
name(${a})	string	a
local-name(${a})	string	a
namespace-uri(${a})	string	
lang('en')	boolean	false
id('x')	nodes	

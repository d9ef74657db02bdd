# The seeded order, with the known answers of ODK's suite.
%form
<data><blank/></data>
%end
%instance
<data><blank/></data>
%end
%list six
<root><item>A</item><item>B</item><item>C</item><item>D</item><item>E</item><item>F</item></root>
%end
join('', randomize(instance('six')/root/item, 42))	string	AFCBDE
join('', randomize(instance('six')/root/item, '42'))	string	AFCBDE
join('', randomize(instance('six')/root/item, 42.9))	string	AFCBDE
join('', randomize(instance('six')/root/item, -42))	string	EDAFBC
join('', randomize(instance('six')/root/item, 1))	string	BFEACD
join('', randomize(instance('six')/root/item, 11111111))	string	ACDBFE
join('', randomize(instance('six')/root/item, 0))	string	CBEAFD
join('', randomize(instance('six')/root/item, ''))	string	CBEAFD
join('', randomize(instance('six')/root/item, 0 div 0))	string	CBEAFD
join('', randomize(instance('six')/root/item, ${blank}))	string	CBEAFD
join('', randomize(instance('six')/root/item, 5989458117437254))	string	ACBEDF
join('', randomize(instance('six')/root/item, 1 div 0))	matches	[A-F]{6}
join('', randomize(instance('six')/root/item, 'text'))	matches	[A-F]{6}
join('', randomize(instance('six')/root/item))	matches	[A-F]{6}
count(randomize(instance('six')/root/item))	number	6
count(randomize(/data/none, 5))	number	0
randomize('a')	error	EXPR_NODES@11

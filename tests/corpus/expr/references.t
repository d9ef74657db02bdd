# References and paths in a form with repeats in repeats; the list is a document of its own.
%form
<data><name/><n type="int"/><grp><g1/><g2/></grp><hh repeat=""><age type="int"/><who/><kids repeat=""><kname/><kage type="int"/></kids><sub><deep/></sub></hh><plot repeat=""><size type="decimal"/></plot><village/><blank/><hidden/></data>
%end
%instance
<data><name>Siti</name><n>2</n><grp><g1>x</g1><g2>y</g2></grp><hh><age>40</age><who>Ani</who><kids><kname>K1</kname><kage>5</kage></kids><kids><kname>K2</kname><kage>7</kage></kids><sub><deep>d1</deep></sub></hh><hh><age>20</age><who>Budi</who><kids><kname>K3</kname><kage>1</kage></kids><sub><deep>d2</deep></sub></hh><hh relevant="no"><age>99</age><who>Cici</who><sub><deep>d3</deep></sub></hh><hh><age>60</age><who>Dodi</who><sub><deep>d4</deep></sub></hh><village>v2</village><blank/><hidden relevant="no">h</hidden></data>
%end
%list villages
<root><item><name>v1</name><label>Satu</label><district>d1</district><pop>10</pop></item><item><name>v2</name><label>Dua</label><district>d2</district><pop>20</pop></item><item><name>v3</name><label>Tiga</label><district>d2</district><pop>30</pop></item></root>
%end
%list people
<root><item><id>1</id><nama>Ani</nama></item><item><id>02</id><nama>Budi</nama></item></root>
%end
${name}	nodes	Siti
/data/name	nodes	Siti
/data/grp/g1	nodes	x
/data/grp	nodes	xy
grp/g2	nodes	y
./grp/g2	nodes	y
string(/data/grp/*)	string	x
count(/data/grp/*)	number	2
count(/data/*)	number	8
count(${hh})	number	3
count(/data/hh)	number	3
count(${kids})	number	3
count(${plot})	number	0
sum(${size})	number	0
sum(${age})	number	120
sum(/data/hh/age)	number	120
max(${age})	number	60
join(' ', ${who})	string	Ani Budi Dodi
join(' ', ${kname})	string	K1 K2 K3
count(${hh}[age > 30])	number	2
count(/data/hh[age > 30])	number	2
sum(${hh}[age > 30]/age)	number	100
${hh}[age > 50]/who	nodes	Dodi
${hh}[2]/who	nodes	Budi
/data/hh[2]/who	nodes	Budi
/data/hh[position() = last()]/who	nodes	Dodi
/data/hh[who = ${name}]/age	nodes	
/data/hh[who = 'Budi']/age	nodes	20
/data/hh[${age} = 20]/who	nodes	Budi
count(${hh}[${age} > 30])	number	2
count(${hh}[count(kids) > 0])	number	2
count(${hh}[kids/kage > 4])	number	1
count(${hh}[${kage} > 4])	number	1
indexed-repeat(${who}, ${hh}, 2)	nodes	Budi
indexed-repeat(${who}, ${hh}, 1 + 0)	nodes	Ani
indexed-repeat(${kname}, ${hh}, 1, ${kids}, 2)	nodes	K2
indexed-repeat(${kname}, ${kids}, 2, ${hh}, 1)	nodes	K2
indexed-repeat(${kname}, ${hh}, 2, ${kids}, 1)	nodes	K3
indexed-repeat(${kname}, ${hh}, 2, ${kids}, 2)	nodes	
indexed-repeat(${who}, ${hh}, 0)	nodes	
indexed-repeat(${who}, ${hh}, 9)	nodes	
indexed-repeat(${who}, ${hh}, '')	nodes	
indexed-repeat(${who}, ${hh}, 2.9)	nodes	Budi
indexed-repeat(${who}, ${hh}, 9) = ''	boolean	true
indexed-repeat(/data/hh/who, /data/hh, ${n})	nodes	Budi
position(..)	number	1
${hidden}	nodes	
${hidden} = ''	boolean	true
${hidden} != 'x'	boolean	true
${hidden} + 1	number	NaN
string-length(${hidden})	number	0
if(${hidden}, 1, 2)	number	2
/data/none	nodes	
/data/name/text()	nodes	
count(//who)	number	3
count(//kids)	number	3
/data/name | /data/n	nodes	Siti
count(/data/name | /data/n | /data/name)	number	2
count(${age} | ${who})	number	6
count(current())	number	1
current()/name	nodes	Siti
current()/../data/name	nodes	Siti
${last-saved#village}	string	Murung Pudak
${last-saved#name}	string	
# an absolute path through the own repeat means the own instance
%at /data/hh[2]/age
.	nodes	20
../who	nodes	Budi
${who}	nodes	Budi
/data/hh/who	nodes	Budi
${deep}	nodes	d2
../sub/deep	nodes	d2
../../hh/who	nodes	Ani
join(' ', ../../hh/who)	string	Ani Budi Dodi
count(../../hh)	number	3
count(/data/hh)	number	3
sum(/data/hh/age)	number	20
/data/hh[1]/who	nodes	Ani
count(/data/hh[age > 0])	number	3
sum(/data/hh[true()]/age)	number	120
${kname}	nodes	K3
count(${kids})	number	1
count(../kids)	number	1
position(..)	number	2
position(../..)	number	1
indexed-repeat(${who}, ${hh}, position(..) - 1)	nodes	Ani
indexed-repeat(${who}, ${hh}, 1)	nodes	Ani
sum(${kage})	number	1
current()/../who	nodes	Budi
${hh}/who	nodes	Budi
count(${hh})	number	1
string(${name})	string	Siti
../preceding-sibling::hh[1]/who	nodes	Ani
../following-sibling::hh/who	nodes	Dodi
ancestor::hh/who	nodes	Budi
once('new')	string	20
%at /data/hh[1]/kids[2]/kname
${kage}	nodes	7
../kage	nodes	7
${age}	nodes	40
../../age	nodes	40
/data/hh/kids/kage	nodes	7
/data/hh/age	nodes	40
position(..)	number	2
position(../..)	number	1
count(../../kids)	number	2
sum(../../kids/kage)	number	12
count(/data/hh/kids)	number	2
%at /data/blank
once('new')	string	new
once(${n} + 1)	number	3
.	nodes	
%at /data/village
# lists
instance('villages')/root/item[name = ${village}]/label	nodes	Dua
instance('villages')/root/item[${village} = name]/label	nodes	Dua
instance('villages')/root/item[name = current()]/label	nodes	Dua
instance('villages')/root/item[name = current()/../village]/label	nodes	Dua
instance('villages')/root/item[name = /data/village]/label	nodes	Dua
instance('villages')/root/item[district = 'd2'][2]/label	nodes	Tiga
instance('villages')/root/item[district = 'd2' and name = ${village}]/label	nodes	Dua
instance('villages')/root/item[name = 'nope']/label	nodes	
instance('villages')/root/item[name = ${hidden}]/label	nodes	
instance('villages')/root/item[pop = 20]/label	nodes	Dua
instance('villages')/root/item[pop > 15][1]/label	nodes	Dua
instance('villages')/root/item[2]/name	nodes	v2
instance('villages')/root/item[nothing = '']/label	nodes	
instance('villages')/root/item[name = ../item[1]/name]/label	nodes	Satu
count(instance('villages')/root/item)	number	3
sum(instance('villages')/root/item[district = 'd2']/pop)	number	50
instance(concat('villa', 'ges'))/root/item[1]/name	nodes	v1
instance(concat('no', 'pe'))/root/item	nodes	
pulldata('people', 'nama', 'id', '02')	string	Budi
pulldata('people.csv', 'nama', 'id', 1)	string	Ani
pulldata('people', 'nama', 'id', '9')	string	
pulldata('people', 'nope', 'id', '1')	string	
pulldata('nope', 'nama', 'id', '1')	error	EXPR_INSTANCE@10
pulldata(concat('peop', 'le'), 'nama', 'id', '1')	string	Ani
randomize(instance('villages')/root/item, 42)[1]/name	nodes	v1
# a choice filter: bare names are columns
%row instance('villages')/root/item[3]
name	nodes	v3
district = 'd2'	boolean	true
district = 'd2' and name != ${village}	boolean	true
nothing = ''	boolean	false
pop > 25	boolean	true
name = current()	boolean	false
/data/village	nodes	v2
./label	nodes	Tiga
../item[1]/name	nodes	v1
selected(${village}, name)	boolean	false
%at /data/name
# the candidate value of a constraint
%dot 17
.	string	17
. > 5	boolean	true
. + 1	number	18
string-length(.)	number	2
string-length()	number	2
number()	number	17
string()	string	17
regex(., '\d+')	boolean	true
../n	nodes	2
%nodot
%dot 
. = ''	boolean	true
%nodot

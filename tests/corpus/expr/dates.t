# Dates and times. The zones are those that ODK's suites name, and one with summer time.
%form
<data><d type="date"/><e type="date"/><dt type="datetime"/><t/><n type="int"/><blank type="date"/></data>
%end
%instance
<data><d>2012-07-23</d><e>2012-07-24</e><dt>2012-07-23T10:00:00.000+07:00</dt><t>2012-07-25</t><n>3</n><blank/></data>
%end
%zone America/Phoenix
date('1970-01-01')	date	1970-01-01
date('1970-1-2')	date	1970-01-02
date('2018-01-01')	date	2018-01-01
date(0)	date	1969-12-31T17:00:00.000-07:00
date(1)	date	1970-01-01T17:00:00.000-07:00
date(1.5)	date	1970-01-02T05:00:00.000-07:00
date(-1)	date	1969-12-30T17:00:00.000-07:00
date('10')	date	1970-01-10T17:00:00.000-07:00
date('2003-10-20T08:00:00.000-07:00')	date	2003-10-20T08:00:00.000-07:00
date(decimal-date-time('2003-10-20T08:00:00.000-07:00'))	date	2003-10-20T08:00:00.000-07:00
date-time('1970-01-01T21:50:49Z')	date	1970-01-01T14:50:49.000-07:00
date-time('1970-01-01')	date	1970-01-01
date-time(0)	date	1969-12-31T17:00:00.000-07:00
date('2012-01-01T00:00:00')	date	2012-01-01
date('')	string	
date(true())	string	
date('nonsense')	date	Invalid Date
date(number('x'))	date	Invalid Date
date('2012-02-30')	date	Invalid Date
date('2012-13-01')	date	Invalid Date
date(999999999999)	date	Invalid Date
boolean(date('nonsense'))	boolean	false
boolean(date('1970-01-01'))	boolean	true
if(date('x'), 1, 2)	number	2
number(date('nonsense'))	number	NaN
date('nonsense') = date('nonsense')	boolean	false
number(date('1970-01-01'))	number	0.2916666666666667
date('1970-01-01T00:00:00.000+00:00') + 0	number	0
date('2001-12-26') + 5	number	11687.291666666666
date('2001-12-26') - 5	number	11677.291666666666
-5 + date('2001-12-26')	number	11677.291666666666
3 + date('2001-12-26') - 5	number	11680.291666666666
date(today() + 10)	date	2026-02-09
date(10 + today())	date	2026-02-09
'2018-01-01' + 1	number	NaN
number('2018-01-01')	number	NaN
string(date('2018-01-01'))	string	2018-01-01
date('2001-12-26') > date('2001-12-25')	boolean	true
date('1969-07-20') < date('1969-07-21')	boolean	true
date('2004-05-01') = date('2004-05-01')	boolean	true
date('2004-05-01') != date('2004-05-01')	boolean	false
'string' != date('1999-09-09')	boolean	true
'string' = date('1999-09-09')	boolean	false
date(0) = date('1970-01-01T00:00:00.000Z')	boolean	true
date(1) != date('1970-01-02T00:00:00.000Z')	boolean	false
date(-10252) = date('1941-12-07T00:00:00.000Z')	boolean	true
true() != date('1999-09-09T00:00:00.000+00:00')	boolean	false
date('2100-01-02') > 1	boolean	true
date('1970-01-02') < 3	boolean	true
'2018-06-25' < '2018-06-25T00:00:00.000-07:00'	boolean	false
'2018-06-25' < '2018-06-25T00:00:00.001-07:00'	boolean	true
'2018-06-25' = '2018-06-25T00:00:00.000-07:00'	boolean	false
'2020-01-02' > '2020-01-01'	boolean	true
'2020-01-10' > '2020-01-9'	boolean	true
${d} = '2012-07-23'	boolean	true
${d} = date('2012-07-23')	boolean	true
${d} = date('2012-07-24') - 1	boolean	true
${d} < '2012-07-24'	boolean	true
'2012-07-24' > ${d}	boolean	true
${d} < ${e}	boolean	true
${d} = ${e}	boolean	false
${t} > ${e}	boolean	true
${d} > date('2012-07-24') - 2	boolean	true
${e} - ${d}	number	1
${t} - ${d}	number	2
${dt} - ${d}	number	-0.16666666666666666
${blank} - ${d}	number	NaN
${blank} = ''	boolean	true
${d} + 1	number	15545.291666666666
date(${d} + 1)	date	2012-07-24
today()	date	2026-01-30
now()	date	2026-01-30T19:00:00.000-07:00
today() - ${d}	number	4939
int((today() - ${d}) div 365.25)	number	13
today() > date('2012-01-01')	boolean	true
now() > today()	boolean	true
decimal-date-time('1970-01-01T00:00:00Z')	number	0
decimal-date-time('1970-01-02T00:00:00Z')	number	1
decimal-date-time('1969-12-31T00:00:00Z')	number	-1
decimal-date-time('1970-01-01')	number	0.2916666666666667
decimal-date-time('1969-12-31')	number	-0.7083333333333334
decimal-date-time('2021-10-06T00:00:00.000')	number	18906.291666666668
decimal-date-time('')	number	NaN
decimal-date-time('x')	number	NaN
decimal-date-time(5.5)	number	5.5
decimal-date-time(${d})	number	15544.291666666666
decimal-time('06:00')	number	0.25
decimal-time('18:00:00.000-07:00')	number	0.75
decimal-time('06:00:59.000')	number	0.25068287037037035
decimal-time('24:00')	number	NaN
decimal-time('noon')	number	NaN
decimal-time('')	number	NaN
decimal-time(5)	number	NaN
format-date('2001-12-31', '%b %e, %Y')	string	Dec 31, 2001
format-date('2001-12-31', '%Y-%m-%d')	string	2001-12-31
format-date('2001-02-03', '%y/%n/%e %a')	string	01/2/3 Sat
format-date('2017-05-26T00:00:01-07:00', '%a %b')	string	Fri May
format-date(${d}, '%d.%m.%Y')	string	23.07.2012
format-date(${t}, '%d.%m.%Y')	string	25.07.2012
format-date(${blank}, '%d')	string	
format-date('', '%d')	string	
format-date('not a date', '%d')	string	
format-date(number('x'), '%d')	string	
format-date(date(0), '%H:%M')	string	17:00
format-date('2012-07-23', '100%% %')	string	100% %
format-date('2012-07-23', '%Q %Z')	string	%Q %Z
format-date('2012-07-23', '')	string	
format-date('2026-01-01', '%W')	string	01
format-date('2027-01-03', '%W')	string	53
format-date-time('2020-02-03T04:05:06.789', '%H %h %M %S %3')	string	04 4 05 06 789
format-date-time('2020-02-03', '%H:%M')	string	00:00
%language Bahasa Indonesia (id)
format-date('2020-08-17', '%a, %e %b %Y')	string	Sen, 17 Agu 2020
%language id
format-date('2020-05-01', '%a %b')	string	Jum Mei
%language id-ID
format-date('2020-12-01', '%b')	string	Des
%language Français (fr)
format-date('2020-12-01', '%b')	string	Dec
%zone Asia/Jakarta
decimal-date-time('2020-01-01')	number	18261.708333333332
date('2020-01-31') + 1	number	18292.708333333332
int((date('2024-06-15') - date('2000-06-15')) div 365.25)	number	24
date('2024-06-15') - date('2000-06-15')	number	8766
date('2024-06-15T00:00:00') - date('2000-06-15T00:00:00')	number	8766
# beyond 1970 to 2038
date('1800-01-01')	date	1800-01-01
date('2100-12-31')	date	2100-12-31
date('9999-12-31')	date	9999-12-31
date('0001-01-01')	date	0001-01-01
date('2100-03-01') - date('2100-02-28')	number	1
date('1900-03-01') - date('1900-02-28')	number	1
date('2000-03-01') - date('2000-02-28')	number	2
# summer time: the day of the change has 23 hours, and is one day
%zone Europe/Berlin
date('2024-03-31') - date('2024-03-30')	number	1
date('2024-04-01') - date('2024-03-31')	number	1
date('2024-04-01') - date('2024-03-01')	number	31
date('2024-07-01T12:00:00')	date	2024-07-01T12:00:00.000+02:00
date('2024-01-01T12:00:00')	date	2024-01-01T12:00:00.000+01:00
date('2024-01-01T12:00:00Z')	date	2024-01-01T13:00:00.000+01:00

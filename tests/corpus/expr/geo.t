# Places. The shapes and figures are those of ODK's suite.
%form
<data><shape/><r repeat=""><p/></r><none/></data>
%end
%instance
<data><shape>7.9377 -11.5845 0 0;7.9324 -11.5902 0 0;7.927 -11.5857 0 0;7.925 -11.578 0 0;7.9267 -11.5722 0 0;7.9325 -11.5708 0 0;7.9372 -11.5737 0 0;7.9393 -11.579 0 0;7.9377 -11.5845 0 0</shape><r><p>0 0</p></r><r><p>0 1</p></r><none/></data>
%end
area(${shape})	number	2333220.77
distance(${shape})	number	5724.36
distance('0 0;0 1')	number	111318.85
distance('0 0;0 90')	number	10018696.05
distance('0 0; 0 1 ;')	number	111318.85
distance(${p})	number	111318.85
distance('0 0', '0 1')	number	111318.85
distance('0 0', '0 1', '0 2')	number	222637.69
distance('1 1;1 1')	number	0
distance('0 0')	number	0
distance('')	number	NaN
distance('a')	number	NaN
distance('91 0;0 0')	number	NaN
distance('0 181;0 0')	number	NaN
distance('0;0 1')	number	NaN
area('0 0;0 1')	number	0
area('0 0;0 1;1 1;0 0')	matches	6195\d{6}\.\d+
area('')	number	0
area('a b')	number	0
area('5000 5000; 5000 5000')	number	0
area(${none})	number	0
geofence('7.932 -11.579', ${shape})	boolean	true
geofence('8 -11.579', ${shape})	boolean	false
geofence('1 1', '0 0;0 2;2 2;2 0;0 0')	boolean	true
geofence('3 1', '0 0;0 2;2 2;2 0;0 0')	boolean	false
geofence('1 1', '0 0;0 2;2 2;2 0')	boolean	false
geofence('', ${shape})	boolean	false
geofence('1 1', '')	boolean	false
intersects('0 0;0 2;2 2;2 0;0 0')	boolean	false
intersects('0 0;2 2;0 2;2 0;0 0')	boolean	true
intersects('0 0;1 1')	boolean	false
intersects('0 0;0 2;1 2;1 -1')	boolean	false
intersects('0 0;0 2;1 2;1 1;-1 1')	boolean	true
intersects('')	boolean	false

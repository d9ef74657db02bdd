/* Where this computer is, from gpsd on its local socket: JSON, one object a line
 * (https://gpsd.gitlab.io/gpsd/gpsd_json.html). Nothing is sent anywhere else. */
#ifndef APP_FLOW_GPS_H
#define APP_FLOW_GPS_H

#include "app/errors.h"
#include "forms/base/buf.h"

#define GPS_PORT       2947
#define GPS_TIMEOUT_MS 8000

/* Appends the first fix of two dimensions or more as a geopoint: latitude, longitude in degrees, altitude
 * and accuracy in metres (0 where not known). ERR_GPS_ABSENT, ERR_GPS_NO_FIX within `timeout_ms`. */
MUST_USE bool gps_locate(int port, int timeout_ms, struct buf *out, struct err *e);

#endif

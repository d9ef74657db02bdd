/* Places: `lat lon [alt [acc]]`, several joined by `;`. Lengths and areas on a sphere of the radius
 * that ODK uses; both rounded to centimetres as its test suite expects. */
#ifndef FORMS_EXPR_GEO_H
#define FORMS_EXPR_GEO_H

#include <stdbool.h>
#include <stddef.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

struct point {
    double lat, lon;
};

struct points {
    struct point *v;
    size_t n, cap;
};

/* One point; false when it is none. */
bool geo_point(struct str s, struct point *ret);
/* Adds the points of a trace or shape, semicolons at its end ignored; false when one is none. */
bool geo_points(struct str s, struct points *l, struct arena *a);
double geo_distance(const struct points *l); /* metres along it */
double geo_area(const struct points *l); /* square metres of the closed ring; 0 below 3 points */
/* Even-odd rule on longitude and latitude; the ring must be closed. */
bool geo_inside(struct point p, const struct points *ring);
/* Two segments that are not neighbours cross or touch. */
bool geo_crosses(const struct points *l);

#endif

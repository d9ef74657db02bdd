/* What depends on what, and in which order to compute: see struct form_graph in form.h.
 *
 * An expression of (definition, facet) reads definitions. What it reads of one is its value as seen from
 * outside, and that is settled only when its own relevance, calculation, trigger and offered choices are,
 * and the relevance (and count) of everything above it. So the ranks are a topological order of
 *
 *     facets that write (RELEVANT, CALCULATE, TRIGGER, CHOICES, COUNT) of x  → value of x
 *     value of the parent of x                                             → value of x
 *     value of x                                                           → each facet that reads x
 *
 * and a heap over ranks computes everything once. `readers` holds the last kind of arrow only: when the
 * relevance of a group or a repeat flips, or an instance comes or goes, whoever runs the form walks the
 * subtree and triggers the readers of every definition in it; their ranks are behind that group's.
 *
 * RELEVANT and CALCULATE arrows must not form a circle: that is an error which names the circle. The others
 * may (two selects that filter each other's choices, a count that reads what is inside its repeat, a
 * trigger that reads its own value): then ranks follow the strict arrows and an edge may point to a facet of
 * an equal or lower rank; a recalculation puts it back in the heap, and stops when nothing changes. A
 * calculation inside a repeat that reads itself by position (the instance before) has such an edge too.
 *
 * A definition with triggers has its calculation under FACET_TRIGGER, with an edge from each trigger and none
 * from what the calculation reads. FACET_LABEL stands for all texts of a node, its choices' labels too. */
#ifndef FORMS_MODEL_GRAPH_H
#define FORMS_MODEL_GRAPH_H

#include "forms/model/form.h"

struct build;

/* Fills form.graph, spreads pii; circles become diagnostics. */
void graph_build(struct build *b);

#endif

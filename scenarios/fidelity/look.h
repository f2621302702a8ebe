// How one fact is read off an account: a path, slices, and what is made of what is found there. It
// says in one line what the recorder of a real run did with what it saw.
//
//   acks                          the fact, or range, of that key
//   cluster.series                of what happened among brokers; since.cut.cluster.errs
//   since.warm.requests           of the part after the mark "warm"; until.warm., clients.p1.
//   faults.lost                   a field of an object
//   acks[1:], acks[-1], acks[::10]     items, as Python slices
//   acks | each [1:4]             of each item, some; of each item whatever else can be made
//   ... | [1:]                    slices of what was made
//   ... | sort | distinct | count
//   ... | where 1 over 1000       items whose item 1 is more than 1000
//   ... | where 1 is ->           items whose item 1 is that, as it is printed
//   ... | where 1 not close       items whose item 1 does not begin so
//   ... | by 1                    an object: the items by their item 1, without it
//   ... | changes                 items that are not equal to the one before
//   ... | field isr, without ms   of an object, one field; all but one
//   ... | sorted isr              of an object, a field that is a list in order
//   ... | keys, values            of an object
//   ... | sizes                   of lists within it, how many items they have
//   ... | least, most, gaps       of numbers; the differences of neighbours
//   ... | over 10                 true if it is more than 10;  | is 1 the same for equality
//   ... | at most 10              itself, or null if it is more
//   ... | cut 1                   texts cut to that many characters
//   ... | largest                 the item that is the largest by its first
//   ... | some                    counts of several kinds: "some" of each
//   clients p: batches | largest  an object: the same of each client called p..., by the rest of
//   the
//                                 name
#ifndef NORN_SCENARIOS_FIDELITY_LOOK_H_
#define NORN_SCENARIOS_FIDELITY_LOOK_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "scenarios/account/value.h"

namespace norn::scenarios {

// An error if the account has nothing of that name, or the expression is none.
absl::StatusOr<Value> LookAt(const Value& account, std::string_view expression);
// The same of what a recording holds of one run.
absl::StatusOr<Value> LookAtFacts(const Value& facts, std::string_view expression);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_FIDELITY_LOOK_H_

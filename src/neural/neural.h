// A network as a predicate. In: keys of inputs (where a picture lies) and a callback that reads one when it is needed.
// Out: for each input either calibrated probabilities, one a label, exclusive, or a refusal with its reason.
//
// Always holds: an input that is not asked for is neither read nor seen; with reuse on, equal content is seen once a
// stage; an answer has the same bits whatever else was asked with it, in whatever batch, on however many threads;
// what is counted is what ran.
//
// Read on: network.h (Network::run), registry.h (NAME.toml to a description), stage.h (one model), backend.h (what runs
// a model; backends/ has one file each), preprocess.h, calibration.h, memo.h, experience.h. Depends on base, store.
#pragma once

#include "neural/backend.h"
#include "neural/calibration.h"
#include "neural/memo.h"
#include "neural/network.h"
#include "neural/preprocess.h"
#include "neural/registry.h"
#include "neural/stage.h"

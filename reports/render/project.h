// SPDX-License-Identifier: Apache-2.0
//
// The tree of sources that a report is about: CI systems want a file's path from the root of the
// repository. A path that leads out of the tree stays what it is.
#ifndef WEIR_RENDER_PROJECT_H
#define WEIR_RENDER_PROJECT_H

#include "model/memory.h"

// `root` NULL: the nearest folder above this one that git keeps, else this one. Called once,
// before anything is rendered. It need not exist on this machine. False: it is too long.
bool weir_project_open(const char *root);

const char *weir_project_root(void); // absolute, without a slash at its end

// The path below the root, or NULL if it leads elsewhere. `cwd`: where the program ran, for paths
// that begin nowhere.
const char *weir_project_path(struct weir_arena *a, const char *file, const char *cwd);

// A path as the path of a URI.
const char *weir_project_uri(struct weir_arena *a, const char *path);

#endif

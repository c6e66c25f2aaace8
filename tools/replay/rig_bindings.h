// The registrar of the appliance under test, with a table of its own: spryd's part of a REGISTER.
#pragma once

#include "control/registrar.h"

struct rig_bindings;

// NULL when the configuration has no domain whose users register (*e is empty), or with error.
struct rig_bindings *rig_bindings_create(const struct table_view *config, struct error *e);
void rig_bindings_destroy(struct rig_bindings *r);
struct location *rig_bindings_table(const struct rig_bindings *r);
struct registrar *rig_bindings_registrar(const struct rig_bindings *r);
// Time goes by for the bindings.
void rig_bindings_later(struct rig_bindings *r, uint32_t seconds);
// The journal is still being loaded into the table, or no longer.
void rig_bindings_loading(struct rig_bindings *r, bool loading);
// The legs they were made by were taken out of the configuration.
void rig_bindings_legless(struct rig_bindings *r);

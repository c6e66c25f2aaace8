// The engines of this build.
#include "dataplane/engine.h"

#include <stddef.h>

#include "dataplane/generator/generator.h"
#include "dataplane/proxy.h"

const struct engine engines[SETUP_ENGINES + 1] = {
        [SETUP_PROXY] = {"proxy", proxy_turn},
        [SETUP_UAC] = {"uac", generator_turn},
        [SETUP_UAS] = {"uas", generator_turn},
        [SETUP_GENERATOR] = {"generator", generator_turn},
};

// The images of a configuration (image.h), taken up as the main lcore does.
#include "tools/replay/rig_tables.h"

#include <stdlib.h>

#include "dataplane/generation.h"
#include "tools/replay/config_image.h"

bool rig_tables_for(struct str text, const char *name, unsigned n_workers, struct generation *out[],
        struct error *e)
{
	struct config_image image[ROOT_CHAINS];
	unsigned made = 0;

	if (!config_image_make(text, name, 1, image, e))
		return false;
	while (made < ROOT_CHAINS) {
		// it is the generation's from here on, also when it fails
		out[made] = generation_create(
		        image[made].bytes, image[made].len, (enum root_chain)made, n_workers, e);
		image[made].bytes = NULL;
		if (out[made] == NULL)
			break;
		made++;
	}
	config_image_clear(image);
	if (made == ROOT_CHAINS)
		return true;
	while (made-- > 0)
		generation_destroy(out[made], n_workers);
	return false;
}

bool rig_tables(struct str text, const char *name, struct generation *out[], struct error *e)
{
	return rig_tables_for(text, name, 1, out, e);
}

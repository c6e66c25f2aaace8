// Proved sources: see known.h. The low bits of the hash choose the set.
#include "dataplane/live/known.h"

void known_add(struct known *k, uint64_t who, uint64_t now)
{
	unsigned set = (unsigned)who & (KNOWN_SETS - 1), at = 0;

	who |= UINT64_C(1) << 63;
	for (unsigned i = 0; i < KNOWN_WAYS; i++) {
		if (k->entry[set][i].who == who) {
			at = i;
			break;
		}
		if (k->entry[set][i].seen < k->entry[set][at].seen)
			at = i;
	}
	k->entry[set][at].who = who;
	k->entry[set][at].seen = now;
}

bool known_has(const struct known *k, uint64_t who, uint64_t oldest)
{
	unsigned set = (unsigned)who & (KNOWN_SETS - 1);

	who |= UINT64_C(1) << 63;
	for (unsigned i = 0; i < KNOWN_WAYS; i++) {
		if (k->entry[set][i].who == who)
			return k->entry[set][i].seen > oldest;
	}
	return false;
}

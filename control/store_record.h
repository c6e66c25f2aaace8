// One record of the journal: all bindings of an AoR as bytes. Times are kept as the table has them,
// with the difference to the wall clock at the time of writing beside them, so that they mean the
// same after a reboot. Little endian, as the machines spry runs on.
//
//   u64 checksum of all that follows   (SipHash-1-3, zero key: against damage, not against people)
//   u8 version, u8 contacts, u16 length of the AoR, u32 0, i64 wall clock - boot clock in seconds
//   the AoR, then for each contact a struct of fixed size and its texts
#pragma once

#include "dataplane/table/location.h"

enum {
	STORE_RECORD_VERSION = 1,
	STORE_RECORD_HEAD = 32,
	STORE_RECORD_CONTACT = 72,
	STORE_AOR_MAX = 4096,
	STORE_RECORD_MAX = STORE_RECORD_HEAD + STORE_AOR_MAX +
	                   LOCATION_CONTACTS_MAX * (STORE_RECORD_CONTACT + LOCATION_TEXT_MAX),
};

enum store_sound {
	STORE_SOUND,
	STORE_DAMAGED, // length or checksum
	STORE_UNKNOWN, // of another version
};

// A refresh that changes nothing but time.
struct store_time {
	struct str uri, call_id;
	uint32_t expires_s, cseq;
};

// Bytes the record takes; 0 = it does not fit (too many contacts or too long texts), or n = 0.
size_t store_record_len(struct str aor, const struct location_contact *contacts, unsigned n);
// Writes exactly that many. offset_s = wall clock - boot clock.
void store_record_write(char *out, struct str aor, const struct location_contact *contacts,
        unsigned n, int64_t offset_s);
// Whether the bytes are a record: everything below wants a sound one.
enum store_sound store_record_check(struct str record);
struct str store_record_aor(struct str record);
// The contacts (views into the record) with times of now's boot clock, expired ones left out.
// Returns their number, room for LOCATION_CONTACTS_MAX.
unsigned store_record_read(
        struct str record, int64_t offset_s, uint32_t now_s, struct location_contact *out);
// Sets the times of the contact with that URI and Call-ID when its CSeq is lower. False without
// one.
bool store_record_refresh(
        char *record, size_t len, const struct store_time *time, int64_t offset_s);
// Both say the same; clocks may differ by the 2 s that rounding and slewing make.
bool store_record_same(struct str a, struct str b);

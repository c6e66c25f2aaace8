// The location table's protocol (dataplane/table/location.h): one writer that is killed between any
// two of its steps and starts anew, readers that are killed too, slots reused by epochs. One key,
// so one word; records of one slot. Checked in every state:
//   - what a reader holds is whole, of one version, and stays so until its quiescent point
//     (a refresh by a worker touches such a slot: it never hits one being filled)
//   - what was acknowledged is there, whoever died since
//   - no slot is used twice and none is lost: it is published, or it can be taken again
// Memory is sequentially consistent here; the barriers are TSan's matter (stress_location.c).
//
// Each BREAK_x is a mistake the protocol could have: run_model sees that it is found.
#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef READERS
#define READERS 2
#endif
#ifndef PUTS
#define PUTS 3
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef READER_KILLS
#define READER_KILLS 0
#endif
#define NONE 255

// Shared memory: survives everybody.
byte word = NONE;       // published slot
byte low[SLOTS];        // the record: two halves with its version, filled one after the other
byte high[SLOTS];
bit epoch[READERS];     // moves at each quiescent point (what comes back to the old one waits)
bool beats[READERS];    // heard of within LOCATION_DEAD_MS

// The writer's own: lost with it.
#define FREE 0
#define TAKEN 1
#define RETIRED 2
#define WAITING 3       // RETIRED when the epochs of the snapshot were read, or before
byte slot[SLOTS];
bit snapshot[READERS];
bool snapped;

// What the outside knows; nobody decides by it.
byte version;           // published last
byte acknowledged;      // version of the last finished put
byte removed;           // version of the last removal: no record has it
byte holds[READERS];    // slot a reader may use
bool killed;
byte kills;
bool reader_killed[READERS];
byte reader_kills;

inline forget()
{
	d_step {
		snapped = false; at = 0; old = NONE; seen = NONE; i = 0;
		do
		:: i < SLOTS -> slot[i] = FREE; i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < READERS -> snapshot[i] = 0; i++
		:: else -> break
		od;
		i = 0;
		killed = false
	}
}

inline check()
{
	d_step {
		i = 0;
		do
		:: i < SLOTS -> assert((i == word) == (slot[i] == TAKEN)); i++
		:: else -> break
		od;
		i = 0;
		assert(word == NONE || (low[word] >= acknowledged && low[word] == high[word]));
		assert(word != NONE || removed >= acknowledged)
	}
}

// Mark and sweep: the one word is the only mark; a reader may still hold any other slot.
inline recover()
{
	seen = word;
	do
	:: i < SLOTS ->
		if
		:: i == seen -> slot[i] = TAKEN
#ifdef BREAK_SWEEP_AT_ONCE
		:: else -> slot[i] = FREE
#else
		:: else -> slot[i] = RETIRED
#endif
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	seen = NONE
}

inline take_snapshot()
{
	d_step {
		do
		:: i < SLOTS ->
			if
			:: slot[i] == RETIRED -> slot[i] = WAITING
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0
	}
	do
	:: i < READERS -> snapshot[i] = epoch[i]; i++
	:: else -> break
	od;
	i = 0;
	snapped = true
}

// Each reader is asked once, in turn: a dead one may come back meanwhile.
inline reclaim()
{
	if
	:: !snapped -> take_snapshot()
	:: else
	fi;
	do
	:: i < READERS && (snapshot[i] != epoch[i] || !beats[i]) -> i++
	:: else -> break
	od;
	if
	:: i == READERS ->
		d_step {
			i = 0;
			do
			:: i < SLOTS ->
				if
				:: slot[i] == WAITING -> slot[i] = FREE
				:: else
				fi;
				i++
			:: else -> break
			od;
			i = 0;
			do
			:: i < READERS -> snapshot[i] = 0; i++
			:: else -> break
			od;
			snapped = false
		}
	:: else
	fi;
	i = 0
}

inline retire()
{
	if
	:: old != NONE ->
#ifdef BREAK_REUSE_AT_ONCE
		slot[old] = FREE
#else
#ifdef BREAK_OLD_SNAPSHOT
		slot[old] = WAITING
#else
		slot[old] = RETIRED
#endif
#endif
	:: else
	fi;
	old = NONE;
	acknowledged = version
}

inline publish(to)
{
	old = word;
	atomic {
		word = to;
		version++;
		if
		:: to == NONE -> removed = version
		:: else
		fi
	}
}

inline fill()
{
	low[at] = 0;
	high[at] = 0;
	low[at] = version + 1;
	high[at] = version + 1
}

inline put()
{
	slot[at] = TAKEN;
#ifdef BREAK_PUBLISH_FIRST
	old = word;
	word = at;
	fill();
	version++;
#else
#ifdef BREAK_RETIRE_FIRST
	if
	:: word != NONE -> slot[word] = RETIRED
	:: else
	fi;
	take_snapshot();
	fill();
	publish(at);
	old = NONE;
#else
	fill();
	publish(at);
#endif
#endif
	at = 0;
	retire()
}

inline serve()
{
	do
	:: version < PUTS ->
		check();
		if
		:: slot[0] == FREE -> at = 0; put()
		:: slot[1] == FREE -> at = 1; put()
		:: slot[2] == FREE -> at = 2; put()
		:: word != NONE -> publish(NONE); retire()
		:: slot[0] != FREE && slot[1] != FREE && slot[2] != FREE // full: nothing changes
		fi
	:: version < PUTS -> reclaim()
	:: version == PUTS -> check(); break
	od;
end_done:
	false
}

active proctype writer()
{
	byte i = 0, at = 0, old = NONE, seen = NONE;

start:
	{
		recover();
		serve()
	} unless {
		killed
	};
	forget();
	goto start
}

inline turn()
{
	// The load of the word. The halves are looked at then, and at any time until the quiescent
	// point: nothing may have changed.
	d_step {
		holds[me] = word;
		if
		:: holds[me] != NONE -> a = low[holds[me]]; assert(a >= acknowledged && a > 0)
		:: else -> assert(removed >= acknowledged)
		fi
	};
#ifdef BREAK_EPOCH_IN_TURN
	epoch[me] = (epoch[me] + 1) % 2;
#endif
	d_step {
		if
		:: holds[me] != NONE -> assert(low[holds[me]] == a && high[holds[me]] == a)
		:: else
		fi
	};
	d_step { holds[me] = NONE; a = 0 };
#ifndef BREAK_EPOCH_IN_TURN
	epoch[me] = (epoch[me] + 1) % 2
#endif
}

active [READERS] proctype reader()
{
	byte me = _pid - 1, a = 0;

	d_step { holds[me] = NONE; beats[me] = true };
end_turn:
	{
		do
		:: turn()
		od
	} unless {
		reader_killed[me]
	};
	d_step { holds[me] = NONE; a = 0; reader_killed[me] = false };
	beats[me] = false; // nothing is heard of it for a while
#ifndef BREAK_NO_BEAT
	beats[me] = true;  // it beats before its first lookup
#endif
	goto end_turn
}

active proctype killer()
{
end_kill:
	do
	:: d_step { kills < KILLS && !killed -> killed = true; kills++ }
	:: d_step { reader_kills < READER_KILLS && !reader_killed[0] ->
		reader_killed[0] = true; reader_kills++ }
	od
}

package io.glucogrid.forecast;

import io.glucogrid.cgm.Reading;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What the grid keeps online of one subject: the readings of the last 24 hours, and per horizon the sums from which the
 * subject's own coefficients follow.
 *
 * <p><b>Window.</b> It holds every reading younger than 24 hours before the newest, whatever the order of arrival: a reading is
 * inserted where its time belongs and the slots from there on are assigned anew, so that late, repeated and disordered readings
 * leave the window exactly as readings in order would, provided that none is more than 24 hours late. Two readings of the same instant are one; the greater {@code created} wins
 * (then the greater value, so that order cannot matter). A reading older than the window changes nothing; one from the far future
 * would empty it, so implausible times must be refused before.
 *
 * <p><b>Learner.</b> A reading that is newer than all before it is a label: for each horizon, the anchor that far back learns from
 * it, before anything is forecast from the reading itself. A late reading is kept and is an input of all that follows, but it is not
 * learnt as a label, nor does it change what was learnt: learning is a function of the order of arrival, idempotent under replay,
 * and never looks back. The learner is a sum of outer products ({@link GramSums}); which population it is pulled to, and how
 * strongly, is decided when it is asked, so a new pooled model needs no new state.
 *
 * <p>{@link #apply} is deterministic, allocates nothing once the arrays have grown, and takes a few microseconds. With whole-second
 * timestamps and at most one reading a minute, the bytes of {@link #toBytes} stay below 8 KB (about 3 KB for a sensor of five
 * minutes). A sensor that is faster than that keeps its latest {@value #MAX_READINGS} readings. Not thread-safe.
 */
public final class SubjectState {
    /** What became of a reading. */
    public enum Outcome {
        /** The newest so far, and a label for the learner. */
        LEARNT,
        /** Kept in the window, where its time belongs. */
        KEPT,
        /** Put in the place of a reading of the same instant. */
        REPLACED,
        /** Known already, or an older version of what is known. */
        KNOWN,
        /** Older than the window. */
        TOO_OLD
    }

    /** The most readings that a window holds: one a minute for a day. */
    public static final int MAX_READINGS = 1440;

    private static final long WINDOW_MICROS = Slots.MICROS_PER_DAY;

    /** Distance between the slots of two segments, more than any horizon and history. */
    private static final int SEGMENT_DISTANCE = 1000;

    private static final int DISCARDED = -1;
    private static final byte FORMAT = 2;
    private static final int IN_SECONDS = 1;

    /** Format, flags and number of horizons, then five longs or doubles. */
    private static final int HEADER_BYTES = 43;

    private static final long MICROS_PER_SECOND = 1_000_000L;

    private final Horizons horizons;
    private final GramSums[] learners;
    private double forgetting;
    private final double[] lags = new double[CompactFeatures.HISTORY];
    private final double[] features = new double[CompactFeatures.COUNT];

    private int size;
    private long[] event = new long[320];
    private long[] created = new long[320];
    private int[] glucose = new int[320];
    private int[] slot = new int[320];
    /** Time on the grid of the slot of a reading that has one. */
    private long[] slotMicros = new long[320];

    private final SlotClock clock = new SlotClock();
    /** Time of the last reading that has left the window, of the last of those that had a slot, and of that slot. */
    private long readBeforeMicros = SlotClock.NEVER;

    private long acceptedBeforeMicros = SlotClock.NEVER;
    private long slotBeforeMicros = SlotClock.NEVER;

    private long learntThroughMicros = SlotClock.NEVER;

    private SubjectState(Horizons horizons, GramSums[] learners, double forgetting) {
        this.horizons = horizons;
        this.learners = learners;
        this.forgetting = forgetting;
    }

    /** The state of a subject of whom nothing is known, with a learner for each horizon that forgets nothing. */
    public static SubjectState empty(Horizons horizons) {
        return empty(horizons, 1);
    }

    /**
     * The state of a subject of whom nothing is known.
     *
     * @param forgetting weight of the past per label, in (0, 1]: 1 serves best on a wear of a week, 0.9999 suits months
     */
    public static SubjectState empty(Horizons horizons, double forgetting) {
        if (!(forgetting > 0 && forgetting <= 1)) {
            throw new IllegalArgumentException("forgetting " + forgetting);
        }
        GramSums[] learners = new GramSums[horizons.count()];
        for (int i = 0; i < learners.length; i++) {
            learners[i] = GramSums.empty(CompactFeatures.COUNT, 1);
        }
        return new SubjectState(horizons, learners, forgetting);
    }

    /**
     * A state without a reading whose slots go on where the window of another begins: given the same readings, its window is the
     * same.
     */
    public static SubjectState beforeWindowOf(SubjectState other) {
        SubjectState state = empty(other.horizons, other.forgetting);
        state.readBeforeMicros = other.readBeforeMicros;
        state.acceptedBeforeMicros = other.acceptedBeforeMicros;
        state.slotBeforeMicros = other.slotBeforeMicros;
        return state;
    }

    /** Horizons with a learner. */
    public Horizons horizons() {
        return horizons;
    }

    /** Number of readings in the window. */
    public int size() {
        return size;
    }

    /** The {@code i}-th reading of the window, in order of time. */
    public Reading reading(long subjectId, int i) {
        return new Reading(subjectId, glucose[i], event[i], created[i]);
    }

    public long eventMicros(int i) {
        return event[i];
    }

    public int glucose(int i) {
        return glucose[i];
    }

    /** What the learner of horizon {@code i} has seen. A copy. */
    public GramSums learnt(int i) {
        return learners[i].copy();
    }

    GramSums learner(int i) {
        return learners[i];
    }

    /** Weight of the past per label. */
    public double forgetting() {
        return forgetting;
    }

    /** Labels that the learner of horizon {@code i} has seen and not forgotten. */
    public int labels(int i) {
        return (int) learners[i].count();
    }

    /** The newest event time that was taken as a label; {@link Long#MIN_VALUE} before the first. */
    public long learntThroughMicros() {
        return learntThroughMicros;
    }

    /** Takes in one reading of the subject. */
    public Outcome apply(Reading reading) {
        return apply(reading.eventMicros(), Math.toIntExact(reading.glucoseMgDl()), reading.createdMicros());
    }

    /** Takes in one reading of the subject. */
    public Outcome apply(long eventMicros, int glucoseMgDl, long createdMicros) {
        if (size > 0 && isTooOld(eventMicros)) {
            return Outcome.TOO_OLD;
        }
        int at = position(eventMicros);
        if (at < size && event[at] == eventMicros) {
            return replace(at, glucoseMgDl, createdMicros);
        }
        insert(at, eventMicros, glucoseMgDl, createdMicros);
        assignSlots(at);
        boolean newest = at == size - 1;
        trim();
        if (!newest || eventMicros <= learntThroughMicros) {
            return Outcome.KEPT;
        }
        learn(size - 1);
        learntThroughMicros = eventMicros;
        return Outcome.LEARNT;
    }

    private boolean isTooOld(long eventMicros) {
        return eventMicros <= event[size - 1] - WINDOW_MICROS || (size == MAX_READINGS && eventMicros < event[0]);
    }

    private int position(long eventMicros) {
        if (size == 0 || eventMicros > event[size - 1]) {
            return size;
        }
        int found = Arrays.binarySearch(event, 0, size, eventMicros);
        return found >= 0 ? found : -found - 1;
    }

    private Outcome replace(int at, int glucoseMgDl, long createdMicros) {
        boolean newer = createdMicros > created[at] || (createdMicros == created[at] && glucoseMgDl > glucose[at]);
        if (!newer) {
            return Outcome.KNOWN;
        }
        created[at] = createdMicros;
        glucose[at] = glucoseMgDl;
        return Outcome.REPLACED;
    }

    private void insert(int at, long eventMicros, int glucoseMgDl, long createdMicros) {
        if (size == event.length) {
            grow(size * 2);
        }
        int moved = size - at;
        if (moved > 0) {
            System.arraycopy(event, at, event, at + 1, moved);
            System.arraycopy(created, at, created, at + 1, moved);
            System.arraycopy(glucose, at, glucose, at + 1, moved);
        }
        event[at] = eventMicros;
        created[at] = createdMicros;
        glucose[at] = glucoseMgDl;
        size++;
    }

    private void grow(int capacity) {
        event = Arrays.copyOf(event, capacity);
        created = Arrays.copyOf(created, capacity);
        glucose = Arrays.copyOf(glucose, capacity);
        slot = Arrays.copyOf(slot, capacity);
        slotMicros = Arrays.copyOf(slotMicros, capacity);
    }

    /** Assigns slots to the readings from {@code from} on, following on from those before. */
    private void assignSlots(int from) {
        int last = from - 1;
        while (last >= 0 && slot[last] == DISCARDED) {
            last--;
        }
        long readMicros = from > 0 ? event[from - 1] : readBeforeMicros;
        clock.resume(
                readMicros,
                last >= 0 ? event[last] : acceptedBeforeMicros,
                last >= 0 ? slotMicros[last] : slotBeforeMicros);
        int lastSlot = last >= 0 ? slot[last] : 0;
        for (int i = from; i < size; i++) {
            int steps = clock.step(event[i]);
            if (steps == SlotClock.DISCARD) {
                slot[i] = DISCARDED;
                continue;
            }
            lastSlot += steps == SlotClock.NEW_SEGMENT ? SEGMENT_DISTANCE : steps;
            slot[i] = lastSlot;
            slotMicros[i] = clock.slotMicros();
        }
    }

    private void trim() {
        long oldest = event[size - 1] - WINDOW_MICROS;
        int gone = Math.max(0, size - MAX_READINGS);
        while (event[gone] <= oldest) {
            gone++;
        }
        if (gone == 0) {
            return;
        }
        for (int i = gone - 1; i >= 0; i--) {
            if (slot[i] != DISCARDED) {
                acceptedBeforeMicros = event[i];
                slotBeforeMicros = slotMicros[i];
                break;
            }
        }
        readBeforeMicros = event[gone - 1];
        size -= gone;
        System.arraycopy(event, gone, event, 0, size);
        System.arraycopy(created, gone, created, 0, size);
        System.arraycopy(glucose, gone, glucose, 0, size);
        System.arraycopy(slot, gone, slot, 0, size);
        System.arraycopy(slotMicros, gone, slotMicros, 0, size);
    }

    /** Lets each learner take the reading {@code at} as the label of the anchor its horizon back, if there is such an anchor. */
    private void learn(int at) {
        if (slot[at] == DISCARDED) {
            return;
        }
        int anchor = at;
        for (int h = 0; h < horizons.count(); h++) {
            int wanted = slot[at] - horizons.slots(h);
            while (anchor > 0 && (slot[anchor] == DISCARDED || slot[anchor] > wanted)) {
                anchor--;
            }
            if (slot[anchor] == wanted && history(anchor, lags) == lags.length) {
                CompactFeatures.fill(lags, lags.length - 1, event[at], features, 0);
                if (forgetting < 1) {
                    learners[h].discount(forgetting);
                }
                learners[h].add(features, 0, glucose[at], 1);
            }
        }
    }

    /** Whether the {@code i}-th reading has a slot of its own and is not too close to the one before. */
    boolean isAccepted(int i) {
        return slot[i] != DISCARDED;
    }

    /**
     * Writes the {@link CompactFeatures} from which a forecast of {@code targetMicros} follows, so that a served vector can be
     * compared with one computed from history.
     *
     * @return false, with {@code out} unchanged, where the segment is too short
     */
    public boolean features(long targetMicros, double[] out) {
        int anchor = newestAnchor();
        if (anchor < 0 || history(anchor, lags) < lags.length) {
            return false;
        }
        CompactFeatures.fill(lags, lags.length - 1, targetMicros, out, 0);
        return true;
    }

    /** Position of the newest reading that has a slot, or -1. */
    int newestAnchor() {
        int at = size - 1;
        while (at >= 0 && slot[at] == DISCARDED) {
            at--;
        }
        return at;
    }

    /**
     * Writes the slots up to the reading {@code at} into the end of {@code out}, latest last, and returns how many there are in
     * its segment; at most the length of {@code out}.
     */
    int history(int at, double[] out) {
        int place = out.length - 1;
        out[place] = glucose[at];
        int later = at;
        for (int i = at - 1; i >= 0 && place > 0; i--) {
            if (slot[i] == DISCARDED) {
                continue;
            }
            int steps = slot[later] - slot[i];
            if (steps > SlotClock.MAX_STEPS) {
                break;
            }
            double before = glucose[i];
            for (int k = steps - 1; k >= 0 && place > 0; k--) {
                out[--place] = before + (glucose[later] - before) * k / steps;
            }
            later = i;
        }
        return out.length - place;
    }

    /** The state as bytes, for {@link #load}. */
    public byte[] toBytes() {
        boolean seconds = inSeconds();
        long unit = seconds ? MICROS_PER_SECOND : 1;
        int learnerBytes = 0;
        for (GramSums learner : learners) {
            learnerBytes += learner.bytes();
        }
        ByteBuffer out = ByteBuffer.allocate(80 + horizons.count() * 2 + size * 25 + learnerBytes);
        out.put(FORMAT).put((byte) (seconds ? IN_SECONDS : 0)).put((byte) horizons.count());
        out.putLong(readBeforeMicros).putLong(acceptedBeforeMicros).putLong(slotBeforeMicros);
        out.putLong(learntThroughMicros).putDouble(forgetting);
        for (int h = 0; h < horizons.count(); h++) {
            out.put((byte) horizons.slots(h)).put((byte) (learners[h].count() > 0 ? 1 : 0));
        }
        putVarint(out, size);
        long lastEvent = 0;
        int lastGlucose = 0;
        for (int i = 0; i < size; i++) {
            putVarint(out, zigzag((event[i] - lastEvent) / unit));
            putVarint(out, zigzag(glucose[i] - lastGlucose));
            putVarint(out, zigzag((created[i] - event[i]) / unit));
            lastEvent = event[i];
            lastGlucose = glucose[i];
        }
        for (GramSums learner : learners) {
            if (learner.count() > 0) {
                learner.write(out);
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private boolean inSeconds() {
        for (int i = 0; i < size; i++) {
            if (event[i] % MICROS_PER_SECOND != 0 || created[i] % MICROS_PER_SECOND != 0) {
                return false;
            }
        }
        return true;
    }

    /** The state that {@link #toBytes} wrote. */
    public static SubjectState fromBytes(byte[] bytes) {
        Horizons horizons = horizons(bytes);
        SubjectState state = empty(horizons);
        state.load(bytes);
        return state;
    }

    private static Horizons horizons(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != FORMAT) {
            throw new IllegalArgumentException("not the bytes of a subject's state");
        }
        int[] slots = new int[bytes[2]];
        for (int h = 0; h < slots.length; h++) {
            slots[h] = bytes[HEADER_BYTES + 2 * h];
        }
        return Horizons.of(slots);
    }

    /** Replaces this state by the one that {@link #toBytes} wrote, of the same horizons, in the memory of this one. */
    public void load(byte[] bytes) {
        if (!horizons(bytes).equals(horizons)) {
            throw new IllegalArgumentException("state of horizons " + horizons(bytes) + ", not " + horizons);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        in.get();
        long unit = in.get() == IN_SECONDS ? MICROS_PER_SECOND : 1;
        in.get();
        readBeforeMicros = in.getLong();
        acceptedBeforeMicros = in.getLong();
        slotBeforeMicros = in.getLong();
        learntThroughMicros = in.getLong();
        forgetting = in.getDouble();
        in.position(in.position() + 2 * horizons.count());
        size = Math.toIntExact(varint(in));
        if (size > event.length) {
            grow(size);
        }
        long lastEvent = 0;
        int lastGlucose = 0;
        for (int i = 0; i < size; i++) {
            lastEvent += unzigzag(varint(in)) * unit;
            lastGlucose += (int) unzigzag(varint(in));
            event[i] = lastEvent;
            glucose[i] = lastGlucose;
            created[i] = lastEvent + unzigzag(varint(in)) * unit;
        }
        for (int h = 0; h < learners.length; h++) {
            if (bytes[HEADER_BYTES + 2 * h + 1] == 1) {
                learners[h].read(in);
            } else {
                learners[h].clear();
            }
        }
        assignSlots(0);
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static long unzigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }
}

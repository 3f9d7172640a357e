package io.glucogrid.loaders;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.TableSchema;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Synthetic readings in the order in which they would arrive: all subjects every five minutes give or take a second, glucose on
 * a random walk, created some seconds later; one reading in a hundred is missing, a sensor pauses now and then for a day
 * or two, and one row in a thousand corrects a reading of some days ago. The same seed gives the same rows.
 */
final class BenchReadings {
    static final int SUBJECTS = 1_000;
    static final TableSchema TABLE = new TableSchema(
            "readings",
            List.of(new Field(Cgm.SUBJECT, ValueType.INT64)),
            "event_timestamp",
            TableSchema.DEFAULT_CREATED,
            List.of(new Field(Cgm.GLUCOSE, ValueType.INT64)));

    private static final long FIRST_SUBJECT = 163_669_001L;
    private static final long SECOND = 1_000_000L;
    private static final long START = 1_700_000_000L * SECOND;
    private static final long SLOT = 300 * SECOND;
    private static final long DAY = 86_400 * SECOND;
    private static final int PAUSES_EVERY_SLOTS = 3_000;
    private static final int CORRECTS_EVERY_SLOTS = 1_000;
    private static final int LATEST_ARRIVAL_SECONDS = 15;

    private final SplittableRandom random;
    private final long[] event = new long[SUBJECTS];
    private final double[] glucose = new double[SUBJECTS];
    private final long[] corrected = new long[SUBJECTS];
    private long slot;
    private int subject;
    private long ingestedMicros = START;
    private long latest = START;

    BenchReadings(long seed) {
        this.random = new SplittableRandom(seed);
        for (int i = 0; i < SUBJECTS; i++) {
            event[i] = START + random.nextLong(SLOT / SECOND) * SECOND;
            glucose[i] = 110;
        }
    }

    static long key(int subject) {
        return FIRST_SUBJECT + 17L * subject;
    }

    /** The next rows. */
    RowBatch next(int rows) {
        RowBatch batch = RowBatch.empty(TABLE, rows + 1);
        ingestedMicros += SLOT;
        while (batch.size() < rows) {
            if (subject == SUBJECTS) {
                subject = 0;
                slot++;
            }
            reading(batch, subject++);
        }
        return batch;
    }

    private void reading(RowBatch batch, int who) {
        event[who] += SLOT + (random.nextInt(3) - 1) * SECOND;
        if (random.nextInt(PAUSES_EVERY_SLOTS) == 0) {
            event[who] += DAY + random.nextLong(DAY / SECOND) * SECOND;
        }
        glucose[who] = Math.max(40, Math.min(400, glucose[who] + (110 - glucose[who]) * 0.01 + random.nextInt(-6, 7)));
        if (random.nextInt(100) == 0) {
            return;
        }
        long created = event[who] + random.nextInt(1, LATEST_ARRIVAL_SECONDS + 1) * SECOND;
        batch.add(key(who), event[who], Math.round(glucose[who]), created, ingestedMicros);
        latest = Math.max(latest, event[who]);
        if ((slot + who) % CORRECTS_EVERY_SLOTS == 0) {
            if (corrected[who] != 0) {
                batch.add(key(who), corrected[who], Math.round(glucose[who]), created, ingestedMicros);
            }
            corrected[who] = event[who];
        }
    }

    /** Questions about subjects and seconds picked at random from the time of the rows so far. */
    AsOfBatch questions(int count) {
        long[] keys = new long[count];
        long[] at = new long[count];
        long seconds = (latest - START) / SECOND;
        for (int i = 0; i < count; i++) {
            keys[i] = key(random.nextInt(SUBJECTS));
            at[i] = START + random.nextLong(seconds) * SECOND;
        }
        return AsOfBatch.of(keys, at).withTtl(DAY);
    }
}

package io.glucogrid.loaders;

import io.glucogrid.feature.FeatureRow;
import io.glucogrid.feature.Field;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.AsOfAnswers;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers a batch of point-in-time questions in one walk over the segments of their buckets.
 *
 * <p>Questions are in the order of the tier, and so are the rows of each segment. Every segment has a cursor that only goes
 * forward: to the rows of the next key that is asked for, and among them past all that are not later than the question. What it
 * passed last is that segment's candidate, and of all candidates the greatest in the order (event time, creation time) is the
 * answer. So no rows are merged and no row becomes an object; a segment costs its decoding, and a question one look at each
 * segment that has its key. Pages of a run that lie before the key that is asked for are not read at all.
 *
 * <p>Some questions need more than the last row that was passed: those whose candidate is a delete or was not known at the time,
 * and those where creation times tie. They are rare, and are asked one by one; below the time of an earlier one of the same key
 * nothing is looked for twice, so a long run of deletes is walked once however many questions there are.
 *
 * <p>Memory is two blocks of pages for each segment, whatever the number of rows; how many pages a block has follows from the
 * bytes that they may take together, but one is the least. A walk that a vanished file ends goes on over
 * other segments with the first question that has no answer yet; an interrupt, or whoever takes the answers, ends it at the next
 * block or question that is asked by itself. Not thread-safe.
 */
final class AsOfJoin {
    /** Decoded pages, in bytes, of a join that is told nothing else. */
    static final long USUAL_BYTES = 32L << 20;

    private static final int MOST_PAGES_AT_ONCE = 16;

    /** The event time of a cursor's next row, before anybody has looked: not later than any question. */
    private static final long NOT_LOOKED_UP = Long.MIN_VALUE;

    /** Rows looked at one by one before a question is asked by itself. */
    private static final int LONGEST_WALK_BACK = 256;

    private final TableSchema schema;
    private final AsOfQuestions questions;
    private final AsOfBatch batch;
    private final AsOfAnswers answers;
    private final OneQuestion one;
    private final long bytes;
    private final CursorRow found = new CursorRow();
    private int place;

    /** The question that was last asked by itself, -1 for none, and the row that answers it. */
    private int closely = -1;

    private @Nullable HistoryRow closelyFound;

    /**
     * Answers go to {@code answers}; questions that need a closer look are asked through {@code one}.
     *
     * @param bytes decoded pages in memory, about
     */
    AsOfJoin(TableSchema schema, AsOfQuestions questions, AsOfAnswers answers, OneQuestion one, long bytes) {
        this.schema = schema;
        this.questions = questions;
        this.batch = questions.batch();
        this.answers = answers;
        this.one = one;
        this.bytes = bytes;
    }

    /** How many questions need not be looked at again. */
    int place() {
        return place;
    }

    /** Answers all questions that have not been answered yet. */
    void over(SegmentCatalog.Snapshot segments) throws IOException {
        boolean[] asked = new boolean[Buckets.COUNT];
        for (int i = place; i < questions.size(); i++) {
            asked[questions.bucket(i)] = true;
        }
        int mostRuns = 0;
        for (int bucket = 0; bucket < asked.length; bucket++) {
            mostRuns = Math.max(mostRuns, asked[bucket] ? segments.runs()[bucket].length : 0);
        }
        int sources = Math.max(1, mostRuns + segments.fresh().length);
        int pages = pages(bytes, sources, schema);
        boolean versions = sources > 1 || (batch.size() > 0 && batch.knownMicros(0) != Long.MAX_VALUE);
        List<Cursor> fresh = new ArrayList<>();
        for (Segment segment : segments.fresh()) {
            fresh.add(new Cursor(segment, pages, versions));
        }
        while (place < questions.size()) {
            int bucket = questions.bucket(place);
            List<Cursor> cursors = new ArrayList<>(fresh);
            for (Segment run : segments.runs()[bucket]) {
                cursors.add(new Cursor(run, pages, versions));
            }
            bucket(bucket, cursors.toArray(Cursor[]::new), segments);
        }
    }

    /** Pages of a block, of which each segment has two. */
    static int pages(long bytes, int segments, TableSchema schema) {
        int columns = schema.joinKeys().size() + schema.values().size() + 3; // event and creation time, op
        long pageBytes = (long) ColumnWriter.ROWS_PER_PAGE * Long.BYTES * columns;
        return (int) Math.max(1, Math.min(MOST_PAGES_AT_ONCE, bytes / pageBytes / segments / 2));
    }

    private void bucket(int bucket, Cursor[] cursors, SegmentCatalog.Snapshot segments) throws IOException {
        int before = -1;
        int active = 0;
        for (; place < questions.size(); place++) {
            if (before < 0 || !questions.sameKeys(before, place)) {
                if (questions.bucket(place) != bucket) {
                    return;
                }
                active = 0;
                for (int i = 0; i < cursors.length; i++) {
                    Cursor cursor = cursors[i];
                    if (cursor.key(place)) { // those that have the key stand first
                        cursors[i] = cursors[active];
                        cursors[active++] = cursor;
                    }
                }
                before = place;
            }
            answer(place, cursors, active, segments);
        }
    }

    private void answer(int question, Cursor[] cursors, int active, SegmentCatalog.Snapshot segments)
            throws IOException {
        long at = batch.atMicros(question);
        long known = batch.knownMicros(question);
        @Nullable Cursor best = null;
        long bestEvent = batch.fromMicros(question);
        boolean closer = false;
        for (int i = 0; i < active; i++) {
            Cursor cursor = cursors[i];
            if (!cursor.time(at)) {
                continue;
            }
            if (cursor.passedEvent() < bestEvent) {
                continue;
            }
            if (known != Long.MAX_VALUE && !cursor.walkBack(known)) {
                closer |= cursor.isUnsure();
                continue;
            }
            long event = cursor.event();
            if (best == null || event > bestEvent) {
                if (event >= bestEvent) {
                    best = cursor;
                    bestEvent = event;
                }
            } else if (event == bestEvent) {
                int order = Long.compare(cursor.created(), best.created());
                closer |= order == 0;
                best = order > 0 ? cursor : best;
            }
        }
        if (closer || (best != null && best.isDelete())) {
            HistoryRow row = ask(question, segments);
            if (row != null) {
                answers.answer(questions.asked(question), AsOfAnswers.Found.of(row.row()));
            }
        } else if (best != null) {
            found.cursor = best;
            try {
                answers.answer(questions.asked(question), found);
            } catch (
                    LateColumn failure) { // not told to anybody yet, so the walk may go on with this question elsewhere
                throw failure.getCause();
            }
        }
    }

    private @Nullable HistoryRow ask(int question, SegmentCatalog.Snapshot segments) throws IOException {
        answers.requireTime();
        AsOf whole = batch.question(question);
        boolean isKnownBelow = closely >= 0
                && batch.knownMicros(closely) == Long.MAX_VALUE
                && whole.knownMicros() == Long.MAX_VALUE
                && questions.sameKeys(closely, question); // of an earlier time, so its row is not too young
        HistoryRow row = null;
        if (!isKnownBelow) {
            row = one.ask(segments, whole);
        } else if (batch.atMicros(closely) < whole.atMicros()) {
            long from = Math.max(whole.fromMicros(), batch.atMicros(closely) + 1);
            row = one.ask(segments, new AsOf(whole.joinKeys(), from, whole.atMicros(), whole.knownMicros()));
        }
        HistoryRow below = isKnownBelow ? closelyFound : null;
        if (row == null && below != null && below.row().eventMicros() >= whole.fromMicros()) {
            row = below;
        }
        closely = question;
        closelyFound = row;
        return row;
    }

    /** Answers one question by itself. */
    interface OneQuestion {
        @Nullable
        HistoryRow ask(SegmentCatalog.Snapshot segments, AsOf question) throws IOException;
    }

    /** One segment's place in the walk. */
    private final class Cursor {
        private final Segment segment;
        private final int mostPages;
        private final boolean versions;
        private final boolean isRun;
        private int nextPage;
        private int pagesAtOnce = 1;
        private @Nullable Block block;
        private int next;
        private int keyEnd;
        private @Nullable Block here;
        private int row;
        private int key;
        private @Nullable Block candidate;
        private int candidateRow;
        private boolean unsure;
        private long passedEvent = Long.MIN_VALUE;
        private long nextEvent = NOT_LOOKED_UP;

        Cursor(Segment segment, int mostPages, boolean versions) {
            this.segment = segment;
            this.mostPages = mostPages;
            this.versions = versions;
            this.isRun = segment.bucket() != SegmentName.NO_BUCKET;
        }

        /** Goes to the rows of a question's key; false where there are none. */
        boolean key(int question) throws IOException {
            key = question;
            here = null;
            passedEvent = Long.MIN_VALUE;
            nextEvent = NOT_LOOKED_UP;
            while (true) {
                Block now = block;
                if (now != null) {
                    next = now.first(next, question, false);
                    if (next < now.size) {
                        keyEnd = now.first(next, question, true);
                        return keyEnd > next;
                    }
                }
                if (!load(true)) {
                    keyEnd = next;
                    return false;
                }
            }
        }

        /** Passes the rows up to a time; whether any row of the key has been passed. */
        boolean time(long at) throws IOException {
            if (nextEvent <= at) {
                pass(at);
            }
            return here != null;
        }

        private void pass(long at) throws IOException {
            Block now = block;
            nextEvent = Long.MAX_VALUE;
            while (now != null) {
                long[] event = now.event;
                int passed = next;
                while (passed < keyEnd && event[passed] <= at) {
                    passed++;
                }
                if (passed > next) {
                    here = now;
                    row = passed - 1;
                    passedEvent = event[row];
                    next = passed;
                }
                if (next < now.size || !load(false)) {
                    if (next < keyEnd) {
                        nextEvent = event[next];
                    }
                    break;
                }
                now = block;
                keyEnd = now == null ? 0 : now.first(0, key, true);
            }
            candidate = here;
            candidateRow = row;
        }

        /** Event time of the last row that was passed, whatever was walked back to. */
        long passedEvent() {
            return passedEvent;
        }

        /** Reads the next block; false at the end. */
        private boolean load(boolean skips) throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the join was stopped: nobody waits for it");
            }
            answers.requireTime();
            SegmentIndex index = segment.index();
            int page = nextPage;
            if (skips && isRun) { // pages of a run ascend by key
                while (page < index.pages() && index.endsBefore(page, questions.keys()[0], key)) {
                    page++;
                }
            }
            if (page >= index.pages()) {
                nextPage = page;
                return false;
            }
            pagesAtOnce = page == nextPage ? Math.min(mostPages, 2 * pagesAtOnce) : 1;
            int count = segment.pagesOf(page, pagesAtOnce);
            block = new Block(segment, page, count, versions);
            nextPage = page + count;
            next = 0;
            return true;
        }

        /** From the candidate towards earlier rows of the key to one that was known; false where it found none. */
        boolean walkBack(long known) throws IOException {
            unsure = false;
            candidate = here;
            candidateRow = row;
            Block in = here();
            for (int at = candidateRow; candidateRow - at < LONGEST_WALK_BACK; at--) {
                if (at < 0) {
                    unsure = in.page > 0; // earlier pages may have rows of the key
                    return false;
                }
                if (in.compare(at, key) != 0) {
                    return false;
                }
                if (in.created().fixed(at) <= known) {
                    candidateRow = at;
                    return true;
                }
            }
            unsure = true;
            return false;
        }

        /** Whether rows further back may have been known. */
        boolean isUnsure() {
            return unsure;
        }

        private Block here() {
            Block known = candidate;
            if (known == null) {
                throw new IllegalStateException("no row of the key has been passed");
            }
            return known;
        }

        long event() {
            return here().event[candidateRow];
        }

        long created() throws IOException {
            return here().created().fixed(candidateRow);
        }

        boolean isDelete() {
            return here().isDelete(candidateRow);
        }

        Column value(int index) {
            return here().values[index];
        }

        int row() {
            return candidateRow;
        }
    }

    /** Decoded pages of one segment: the columns that nearly every question needs, and creation times when they are asked for. */
    private final class Block {
        private final Segment segment;
        private final int page;
        private final int count;
        private final int size;
        private final Column[] keys;
        private final long[] event;
        private final Column[] values;
        private final @Nullable Column deletes;
        private @Nullable Column created;

        Block(Segment segment, int page, int count, boolean versions) throws IOException {
            List<Field> fields = new ArrayList<>(schema.joinKeys());
            fields.add(SegmentSchema.event(schema));
            fields.addAll(schema.values());
            fields.add(SegmentSchema.OP);
            if (versions) {
                fields.add(SegmentSchema.created(schema));
            }
            Column[] columns = segment.columns(page, count, fields);
            int keyCount = schema.joinKeys().size();
            int valueCount = schema.values().size();
            this.segment = segment;
            this.page = page;
            this.count = count;
            this.keys = Arrays.copyOf(columns, keyCount);
            this.size = columns[keyCount].size();
            this.event = columns[keyCount].fixed();
            this.values = Arrays.copyOfRange(columns, keyCount + 1, keyCount + 1 + valueCount);
            Column op = columns[keyCount + 1 + valueCount];
            this.deletes = op.sum() == 0 ? null : op;
            this.created = versions ? columns[columns.length - 1] : null;
        }

        /** Most blocks have no delete, and need not be asked about each row. */
        boolean isDelete(int row) {
            Column known = deletes;
            return known != null && known.fixed(row) == HistoryRow.Op.DELETE.code();
        }

        Column created() throws IOException {
            Column known = created;
            if (known == null) {
                known = segment.columns(page, count, List.of(SegmentSchema.created(schema)))[0];
                created = known;
            }
            return known;
        }

        /** The first row from {@code from} on whose key is not less ({@code after}: is greater) than a question's. */
        int first(int from, int question, boolean after) {
            int low = from;
            int step = 1;
            while (low < size && isBefore(Math.min(size - 1, low + step - 1), question, after)) {
                low = Math.min(size, low + step);
                step <<= 1;
            }
            int high = Math.min(size, low + step - 1);
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isBefore(middle, question, after)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private boolean isBefore(int row, int question, boolean orAt) {
            int order = compare(row, question);
            return orAt ? order <= 0 : order < 0;
        }

        int compare(int row, int question) {
            Column[] asked = questions.keys();
            int order = Integer.compare(keys[0].bucket(row), asked[0].bucket(question));
            for (int i = 0; i < keys.length && order == 0; i++) {
                order = keys[i].compare(row, asked[i], question);
            }
            return order;
        }
    }

    /** A column that an answer needs could not be read, on its way through whoever asked for it. */
    private static final class LateColumn extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        LateColumn(IOException cause) {
            super(cause);
        }
    }

    /** The row that a cursor stands at, as an answer. */
    private final class CursorRow implements AsOfAnswers.Found {
        private @Nullable Cursor cursor;

        private Cursor at() {
            Cursor known = cursor;
            if (known == null) {
                throw new IllegalStateException("no answer yet");
            }
            return known;
        }

        @Override
        public long eventMicros() {
            return at().event();
        }

        @Override
        public long createdMicros() {
            try {
                return at().created();
            } catch (IOException failure) {
                throw new LateColumn(failure);
            }
        }

        @Override
        public boolean isNull(int value) {
            return at().value(value).isNull(at().row());
        }

        @Override
        public long fixed(int value) {
            return at().value(value).fixed(at().row());
        }

        @Override
        public @Nullable Object value(int value) {
            return at().value(value).value(at().row());
        }

        @Override
        public FeatureRow row() {
            @Nullable Object[] cells = new Object[schema.values().size()];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = value(i);
            }
            return new FeatureRow(eventMicros(), createdMicros(), cells);
        }
    }
}

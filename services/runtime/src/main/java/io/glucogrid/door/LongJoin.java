package io.glucogrid.door;

import io.glucogrid.json.FeatureJson;
import io.glucogrid.json.Json;
import io.glucogrid.json.MalformedJson;
import io.glucogrid.serving.HistoricalAnswer;
import io.glucogrid.serving.HistoricalJoin;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A historical join of any length: the request lies in a file, the answer is a stream, and in memory is one part of the entities
 * at a time.
 *
 * <p>The file is read three times. First for what is asked, because a client may name the features after the entities; then to
 * check every entity, so that a request with a mistake in its last line is refused like a short one, before a first byte of an
 * answer; then to answer. Only what fails in the third reading, such as a damaged segment, cuts an answer short.
 */
public final class LongJoin {
    private final Operations operations;
    private final FileChannel request;
    private final int nesting;
    private final int partRows;

    /** {@code partRows}: entities in memory at a time; each part is one pass over the buckets that it has entities of. */
    LongJoin(Operations operations, FileChannel request, int nesting, int partRows) {
        this.operations = operations;
        this.request = request;
        this.nesting = nesting;
        this.partRows = partRows;
    }

    /** An answer that has not been computed yet. */
    public interface Answer {
        /**
         * Computes the records and writes them as one JSON list.
         *
         * @throws IOException where {@code out} cannot be written
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Checks the whole request.
     *
     * @throws MalformedJson where the file holds no JSON
     * @throws io.glucogrid.grid.GridException as {@link Operations#historicalFeatures}
     */
    public Answer open() throws IOException, MalformedJson {
        Map<String, @Nullable Object> asked = read(element -> {});
        try {
            HistoricalJoin join =
                    operations.runtime().historicalJoin(Operations.selection(asked), Operations.knownThen(asked));
            Parts checks = new Parts(partRows, join::check);
            if (!asked.containsKey(Operations.ENTITIES)) {
                throw Operations.invalid("'" + Operations.ENTITIES + "' is missing");
            }
            if (asked.get(Operations.ENTITIES) != null) {
                throw Operations.invalid("'" + Operations.ENTITIES + "' must be a list of objects");
            }
            read(checks);
            if (!checks.finish()) {
                throw Operations.invalid("'" + Operations.ENTITIES + "' must not be empty");
            }
            join.restart();
            return out -> write(join, out);
        } catch (RuntimeException failed) {
            throw Operations.failure(Operations.HISTORICAL, failed);
        }
    }

    private void write(HistoricalJoin join, OutputStream out) throws IOException {
        try (FeatureJson.Records records = FeatureJson.recordsTo(out)) {
            Parts parts = new Parts(partRows, entities -> {
                HistoricalAnswer answer = join.answer(entities);
                records.add(answer.names(), answer.types(), answer.rows());
            });
            read(parts);
            parts.finish();
            records.finish();
        } catch (MalformedJson impossible) {
            throw new IllegalStateException("a checked request is malformed", impossible);
        } catch (UncheckedIOException unwritable) {
            throw unwritable.getCause();
        }
    }

    private Map<String, @Nullable Object> read(Consumer<@Nullable Object> entities) throws IOException, MalformedJson {
        request.position(0);
        return Json.parseAround(
                new BufferedInputStream(new Kept(Channels.newInputStream(request))),
                nesting,
                Operations.ENTITIES,
                entities);
    }

    /** Leaves the file open when a parser closes its input, for it is read again. */
    private static final class Kept extends FilterInputStream {
        Kept(InputStream file) {
            super(file);
        }

        @Override
        public void close() {}
    }

    /** Gathers entities to parts. */
    private static final class Parts implements Consumer<@Nullable Object> {
        private final int rows;
        private final Consumer<List<@Nullable Object>> parts;
        private List<@Nullable Object> part;
        private boolean any;

        Parts(int rows, Consumer<List<@Nullable Object>> parts) {
            this.rows = rows;
            this.parts = parts;
            this.part = new ArrayList<>(rows);
        }

        @Override
        public void accept(@Nullable Object entity) {
            part.add(entity);
            if (part.size() == rows) {
                flush();
            }
        }

        /** Hands over the last part; whether there was any. */
        boolean finish() {
            if (!part.isEmpty()) {
                flush();
            }
            return any;
        }

        private void flush() {
            any = true;
            parts.accept(part);
            part = new ArrayList<>(rows);
        }
    }
}

package io.glucogrid.client.produce;

import io.glucogrid.cgm.Reading;
import io.glucogrid.cgm.ReadingFile;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** The subjects and values of a file, in the order in which they are sent again and again. Times are not kept. */
public final class Replay {
    private final long[] subjects;
    private final long[] glucose;

    private Replay(long[] subjects, long[] glucose) {
        this.subjects = subjects;
        this.glucose = glucose;
    }

    /**
     * Reads a file with whichever {@link ReadingFile} knows its format.
     *
     * @throws GridException NOT_FOUND or INVALID_REQUEST where there is no such file, no reader for it, or nothing in it
     */
    public static Replay read(Path file, Order order) {
        return of(readings -> readings(file, readings), order, file.toString());
    }

    /**
     * Hands over a file's readings in its order.
     *
     * @throws GridException as {@link #read} does
     */
    public static void readings(Path file, Consumer<Reading> readings) {
        if (!Files.isRegularFile(file)) {
            throw new GridException(ErrorCode.NOT_FOUND, "there is no file " + file);
        }
        try {
            for (ReadingFile format : ServiceLoader.load(ReadingFile.class)) {
                if (format.reads(file)) {
                    format.forEach(file, readings);
                    return;
                }
            }
        } catch (IOException unreadable) {
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE, "cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
        throw new GridException(ErrorCode.INVALID_REQUEST, "no reader knows the format of " + file);
    }

    static Replay of(Consumer<Consumer<Reading>> source, Order order, String name) {
        Columns columns = new Columns();
        source.accept(columns::add);
        if (columns.size == 0) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "there is no reading in " + name);
        }
        Replay inFileOrder =
                new Replay(Arrays.copyOf(columns.subjects, columns.size), Arrays.copyOf(columns.glucose, columns.size));
        return order == Order.AS_IN_FILE ? inFileOrder : inFileOrder.interleaved();
    }

    /** Readings in one pass. */
    public int size() {
        return subjects.length;
    }

    /** Subject of reading {@code n}, from 0; after the last one the replay starts over. */
    long subject(long n) {
        return subjects[(int) (n % subjects.length)];
    }

    long glucose(long n) {
        return glucose[(int) (n % glucose.length)];
    }

    private Replay interleaved() {
        Map<Long, Deque<Integer>> bySubject = new LinkedHashMap<>();
        for (int i = 0; i < subjects.length; i++) {
            bySubject
                    .computeIfAbsent(subjects[i], subject -> new ArrayDeque<>())
                    .add(i);
        }
        long[] mixedSubjects = new long[subjects.length];
        long[] mixedGlucose = new long[subjects.length];
        int next = 0;
        while (next < subjects.length) {
            for (Deque<Integer> own : bySubject.values()) {
                Integer index = own.poll();
                if (index != null) {
                    mixedSubjects[next] = subjects[index];
                    mixedGlucose[next++] = glucose[index];
                }
            }
        }
        return new Replay(mixedSubjects, mixedGlucose);
    }

    /** In which order a file's readings are sent. */
    public enum Order {
        AS_IN_FILE,
        /** One reading of each subject in turn. */
        SUBJECTS_IN_TURN
    }

    private static final class Columns {
        private long[] subjects = new long[1024];
        private long[] glucose = new long[1024];
        private int size;

        void add(Reading reading) {
            if (size == subjects.length) {
                subjects = Arrays.copyOf(subjects, 2 * size);
                glucose = Arrays.copyOf(glucose, 2 * size);
            }
            subjects[size] = reading.subjectId();
            glucose[size++] = reading.glucoseMgDl();
        }
    }
}

package io.glucogrid.importers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.glucogrid.grid.GridException;
import java.io.Reader;
import java.io.StringReader;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Texts that are larger than memory. */
class TextReadingRowsTest {
    private static final int LINES = 500_000;

    /** A header and many lines, made as they are read. */
    private static final class Endless extends Reader {
        private String line = "id,time,gl\n";
        private int lines;
        private int next;

        @Override
        public int read(char[] target, int offset, int length) {
            int read = 0;
            while (read < length && lines <= LINES) {
                int part = Math.min(length - read, line.length() - next);
                line.getChars(next, next + part, target, offset + read);
                read += part;
                next += part;
                if (next == line.length()) {
                    line = lines % 10 == 9
                            ? "7,never," + lines + "\r\n"
                            : "7,2015-06-" + (10 + lines % 20) + " 16:50:" + (10 + lines % 50) + ","
                                    + (100 + lines % 100) + "\n";
                    lines++;
                    next = 0;
                }
            }
            return read == 0 ? -1 : read;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void groupsThatWereReadAreNotKept() throws Exception {
        try (TextReadingRows rows =
                TextReadingRows.open(() -> new TextLines("endless", new Endless()), TextFormat.GLUCOBENCH)) {
            for (int pass = 0; pass < 2; pass++) {
                WeakReference<ReadingRows.Group> first = new WeakReference<>(Objects.requireNonNull(rows.next()));
                ReadingRows.Group last = rows.next();
                long read = 200_000;
                long unreadable = 0;
                while (last != null && read < LINES) {
                    last = rows.next();
                    read += last == null ? 0 : last.size();
                    for (int row = 0; last != null && row < last.size(); row++) {
                        unreadable += last.finding(row) == Finding.UNREADABLE ? 1 : 0;
                    }
                }
                assertThat(read).isEqualTo(LINES);
                assertThat(unreadable).isEqualTo((LINES - 200_000) / 10);
                await().until(() -> {
                    System.gc();
                    return first.get() == null;
                });
                rows.rewind();
            }
        }
    }

    private static List<String> lines(String text) throws Exception {
        List<String> lines = new ArrayList<>();
        try (TextLines in = new TextLines("text", new StringReader(text))) {
            for (String line = in.next(); line != null; line = in.next()) {
                lines.add(line);
            }
        }
        return lines;
    }

    @Test
    void linesEndAsInAnySystem() throws Exception {
        assertThat(lines("")).isEmpty();
        assertThat(lines("a\nb\r\nc\rd")).containsExactly("a", "b", "c", "d");
        assertThat(lines("a\n\n\r\n")).containsExactly("a", "", "");
        String wide = "x".repeat(60_000);
        assertThat(lines(wide + "\r\n" + wide + "\n" + wide)).containsExactly(wide, wide, wide);
        String edge = "y".repeat((1 << 16) - 1); // the carriage return ends the buffer
        assertThat(lines(edge + "\r\nz")).containsExactly(edge, "z");
    }

    @Test
    void aLineWithoutAnEndIsRefused() {
        assertThatThrownBy(() -> lines("a\n" + "x".repeat(200_000)))
                .isInstanceOf(GridException.class)
                .hasMessageContaining("text, line 2: longer than 65536 characters");
    }
}

package io.glucogrid.importers;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The lines of a text, each as short as a line of readings is: without an end they would take all memory. */
final class TextLines implements Closeable {
    private static final int LONGEST = 1 << 16;

    private final String name;
    private final Reader in;
    private final char[] buffer = new char[1 << 16];
    private int next;
    private int end;
    private long line;

    /** {@code name}: how errors call the text. */
    TextLines(String name, Reader in) {
        this.name = name;
        this.in = in;
    }

    static TextLines open(Path file) throws IOException {
        return new TextLines(
                file.toString(),
                new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder()));
    }

    String name() {
        return name;
    }

    /**
     * The next line without its end, which is a line feed, a carriage return or both; null at the end.
     *
     * @throws GridException INVALID_REQUEST where the file is no UTF-8 text, or has a line that is none
     */
    @Nullable
    String next() throws IOException {
        StringBuilder text = null;
        while (fill()) {
            int start = next;
            while (next < end && buffer[next] != '\n' && buffer[next] != '\r') {
                next++;
            }
            boolean ends = next < end;
            if (text == null && ends) {
                String whole = new String(buffer, start, next - start);
                endLine();
                return whole;
            }
            text = text == null ? new StringBuilder() : text;
            text.append(buffer, start, next - start);
            if (ends) {
                endLine();
                return text.toString();
            }
            if (text.length() > LONGEST) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        name + ", line " + (line + 1) + ": longer than " + LONGEST + " characters");
            }
        }
        return text == null ? null : text.toString();
    }

    private void endLine() throws IOException {
        boolean carriageReturn = buffer[next++] == '\r';
        if (carriageReturn && fill() && buffer[next] == '\n') {
            next++;
        }
        line++;
    }

    /** Whether there is a next character. */
    private boolean fill() throws IOException {
        if (next < end) {
            return true;
        }
        try {
            next = 0;
            end = Math.max(0, in.read(buffer));
            return end > 0;
        } catch (MalformedInputException binary) {
            throw new GridException(ErrorCode.INVALID_REQUEST, name + " is not a UTF-8 text", binary);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

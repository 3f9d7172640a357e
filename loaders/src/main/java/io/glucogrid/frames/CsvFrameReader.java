package io.glucogrid.frames;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.frame.FrameReader;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CSV frame, record by record. An empty cell is null, {@code ""} is the empty text; whatever RFC 4180 does not know, such as text
 * behind a closing quote or a row of another length, is refused with its line and column.
 */
final class CsvFrameReader implements FrameReader {
    /** A cell longer than this is a quote that was never closed. */
    private static final int MAX_CELL_CHARS = 1 << 20;

    private static final int END = -1;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Path path;
    private final Reader in;
    private final StringBuilder cell = new StringBuilder();
    private List<Field> columns = List.of();
    private long line = 1;
    private long column;
    private int next;

    private CsvFrameReader(Path path, Reader in) {
        this.path = path;
        this.in = in;
    }

    static CsvFrameReader open(Path path) throws IOException {
        Reader in = Files.newBufferedReader(path);
        CsvFrameReader reader = new CsvFrameReader(path, in);
        try {
            reader.header();
            return reader;
        } catch (IOException | RuntimeException unusable) {
            in.close();
            throw unusable;
        }
    }

    private void header() throws IOException {
        step();
        if (next == BYTE_ORDER_MARK) {
            step();
            column = 1;
        }
        @Nullable Object[] names = record(0);
        if (names == null) {
            throw new GridException(ErrorCode.INVALID_REQUEST, path + " is empty; a CSV frame needs a header");
        }
        List<Field> fields = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (int i = 0; i < names.length; i++) {
            String name = names[i] instanceof String text ? text.strip() : "";
            if (name.isEmpty()) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST, path + ": the header has no name for column " + (i + 1));
            }
            if (!known.add(name)) {
                throw new GridException(ErrorCode.INVALID_REQUEST, path + ": the header has '" + name + "' twice");
            }
            fields.add(new Field(name, ValueType.STRING));
        }
        columns = List.copyOf(fields);
    }

    @Override
    public List<Field> columns() {
        return columns;
    }

    @Override
    public List<@Nullable Object[]> next(int most) throws IOException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        while (rows.size() < most) {
            @Nullable Object[] row = record(columns.size());
            if (row == null) {
                break;
            }
            rows.add(row);
        }
        return rows;
    }

    /** The next record, which must have as many cells as said, or any number where that is 0; null at the end. */
    private @Nullable Object @Nullable [] record(int cells) throws IOException {
        while (cells > 1 && (next == '\n' || next == '\r')) {
            endLine(); // an empty line between records
        }
        if (next == END) {
            return null;
        }
        long start = line;
        List<@Nullable Object> values = new ArrayList<>(cells);
        values.add(cell());
        while (next == ',') {
            step();
            values.add(cell());
        }
        if (next != END) {
            endLine();
        }
        if (cells != 0 && values.size() != cells) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    path + ", line " + start + ": " + values.size() + " cells, but the header has " + cells);
        }
        return values.toArray();
    }

    private @Nullable String cell() throws IOException {
        cell.setLength(0);
        if (next == '"') {
            return quoted();
        }
        while (next != ',' && next != '\n' && next != '\r' && next != END) {
            if (next == '"') {
                throw unreadable("a quote within a cell that does not begin with one", line, column);
            }
            append();
        }
        return cell.length() == 0 ? null : cell.toString();
    }

    private String quoted() throws IOException {
        long startLine = line;
        long startColumn = column;
        step();
        while (true) {
            if (next == END) {
                throw unreadable("a quote that is never closed", startLine, startColumn);
            }
            if (next == '"') {
                step();
                if (next != '"') {
                    break;
                }
            }
            append();
        }
        if (next != ',' && next != '\n' && next != '\r' && next != END) {
            throw unreadable("text behind a closing quote", line, column);
        }
        return cell.toString();
    }

    private void append() throws IOException {
        if (cell.length() == MAX_CELL_CHARS) {
            throw unreadable("a cell of more than " + MAX_CELL_CHARS + " characters", line, column);
        }
        cell.append((char) next);
        boolean lineEnds = next == '\n';
        step();
        if (lineEnds) {
            line++;
            column = 1;
        }
    }

    /** Steps over a line feed, with or without a carriage return before it. */
    private void endLine() throws IOException {
        if (next == '\r') {
            step();
            if (next != '\n') {
                throw unreadable("a carriage return without a line feed", line, column);
            }
        }
        step();
        line++;
        column = 1;
    }

    private void step() throws IOException {
        try {
            next = in.read();
            column++;
        } catch (MalformedInputException binary) {
            throw new GridException(ErrorCode.INVALID_REQUEST, path + " is not UTF-8 text, near line " + line, binary);
        }
    }

    private GridException unreadable(String what, long atLine, long atColumn) {
        return new GridException(
                ErrorCode.INVALID_REQUEST, path + ", line " + atLine + ", column " + atColumn + ": " + what);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

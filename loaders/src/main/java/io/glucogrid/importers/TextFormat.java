package io.glucogrid.importers;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts with one reading per line, known by the names in their first line; other columns are ignored.
 *
 * <p>{@link #HALL}: the study of Hall et al. 2018 (doi:10.1371/journal.pbio.2005143, file S1), separated by tabs. {@link
 * #GLUCOBENCH}: the common form of iglu, Awesome-CGM and GlucoBench, separated by commas.
 */
enum TextFormat {
    HALL('\t', "subjectId", "DisplayTime", "GlucoseValue"),
    GLUCOBENCH(',', "id", "time", "gl");

    private static final int LONGEST_HEADER = 1000;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final char separator;
    private final String subject;
    private final String time;
    private final String glucose;

    TextFormat(char separator, String subject, String time, String glucose) {
        this.separator = separator;
        this.subject = subject;
        this.time = time;
        this.glucose = glucose;
    }

    /** The format of a file; null for any other. */
    static @Nullable TextFormat of(Path file) throws IOException {
        char[] start = new char[LONGEST_HEADER];
        int length = 0;
        try (InputStreamReader in = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
            for (int read = in.read(start); read > 0; read = in.read(start, length, start.length - length)) {
                length += read;
            }
        }
        String header = new String(start, 0, length).lines().findFirst().orElse("");
        for (TextFormat format : values()) {
            if (format.places(header) != null) {
                return format;
            }
        }
        return null;
    }

    /** Where subject, time and glucose are in a line; null for a header of another format. */
    int @Nullable [] places(String header) {
        List<String> names = cells(header);
        int[] places = {names.indexOf(subject), names.indexOf(time), names.indexOf(glucose)};
        return places[0] < 0 || places[1] < 0 || places[2] < 0 ? null : places;
    }

    /** The cells of a line; a cell may stand in double quotes, a quote in it doubled. */
    List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
                if (doubled) {
                    cell.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == separator && !quoted) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else if (c != BYTE_ORDER_MARK) {
                cell.append(c);
            }
        }
        cells.add(cell.toString().strip());
        return cells;
    }
}

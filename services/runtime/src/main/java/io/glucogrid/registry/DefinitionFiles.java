package io.glucogrid.registry;

import io.glucogrid.feature.Definitions;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A node's definition files, read anew each time. */
public final class DefinitionFiles {
    private static final String CLASSPATH = "classpath:";

    private final String names;

    /**
     * Remembers which files to read.
     *
     * @param names comma-separated paths; {@code classpath:} names one inside the distribution
     */
    public DefinitionFiles(String names) {
        this.names = names;
    }

    /**
     * What the files say now.
     *
     * @throws GridException INVALID_CONFIG that names every problem in every file
     */
    public Definitions read() {
        Map<String, String> texts = new LinkedHashMap<>();
        Map<String, String> unreadable = new LinkedHashMap<>();
        for (String part : names.split(",")) {
            String name = part.strip();
            try {
                texts.put(name, text(name));
            } catch (NoSuchFileException missing) {
                unreadable.put(name, "definition file '" + name + "' does not exist");
            } catch (IOException failed) {
                unreadable.put(name, "definition file '" + name + "' cannot be read: " + failed.getMessage());
            }
        }
        return DefinitionsParser.parse(texts, unreadable);
    }

    /**
     * What given texts say, as if they were the node's files.
     *
     * @param texts text by file name, in order
     * @throws GridException INVALID_REQUEST that names every problem, which the caller can mend
     */
    public static Definitions read(Map<String, String> texts) {
        return mended(() -> DefinitionsParser.parse(texts));
    }

    /** As {@link #read()}, for a caller who can mend the files: what is wrong with them is INVALID_REQUEST. */
    public Definitions readForCaller() {
        return mended(this::read);
    }

    private static Definitions mended(Supplier<Definitions> reading) {
        try {
            return reading.get();
        } catch (GridException unusable) {
            throw new GridException(ErrorCode.INVALID_REQUEST, unusable.reason(), unusable);
        }
    }

    private static String text(String name) throws IOException {
        if (!name.startsWith(CLASSPATH)) {
            return Files.readString(Path.of(name));
        }
        String resource = name.substring(CLASSPATH.length());
        try (InputStream in = DefinitionFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new NoSuchFileException(name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

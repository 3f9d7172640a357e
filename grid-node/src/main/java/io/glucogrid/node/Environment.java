package io.glucogrid.node;

import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/**
 * Where a node runs: the overlay over the common XML.
 *
 * @param name as given: a shipped name, a file, or {@code classpath:} and a resource
 */
record Environment(String name, Resource overlay) {
    static final List<String> SHIPPED = List.of("local", "cluster", "docker", "aws");

    /** What {@code GRID_PERSISTENCE} lays over any of them. */
    static final Resource PERSISTENT = new ClassPathResource("glucogrid/env/persistent.xml");

    private static final String CLASSPATH = "classpath:";

    /** INVALID_CONFIG where the name is neither shipped nor a file. */
    static Environment of(String name) {
        if (SHIPPED.contains(name)) {
            return new Environment(name, new ClassPathResource("glucogrid/env/" + name + ".xml"));
        }
        if (name.startsWith(CLASSPATH)) {
            return new Environment(name, new ClassPathResource(name.substring(CLASSPATH.length())));
        }
        try {
            Path file = Path.of(name);
            if (Files.isRegularFile(file)) {
                return new Environment(name, new FileSystemResource(file));
            }
        } catch (InvalidPathException notAPath) {
            throw unknown(name);
        }
        throw unknown(name);
    }

    private static GridException unknown(String name) {
        return new GridException(
                ErrorCode.INVALID_CONFIG,
                "environment '" + name + "' is none of " + String.join(", ", SHIPPED) + " and no file"
                        + DidYouMean.suffix(name, SHIPPED));
    }

    /** A resource as an XML import names it. */
    static Resource relative(Resource file, String path) {
        if (path.startsWith(CLASSPATH)) {
            return new ClassPathResource(path.substring(CLASSPATH.length()));
        }
        try {
            return file.createRelative(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(path + " cannot be resolved against " + file.getDescription(), failure);
        }
    }
}

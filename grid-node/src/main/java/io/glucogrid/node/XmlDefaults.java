package io.glucogrid.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** The {@code ${GRID_KEY:default}} placeholders of XML files, read as text. */
final class XmlDefaults {
    /** Default of a placeholder that has none: the key must be given. */
    static final String REQUIRED = "(required)";

    /** Configuration of Ignite REST's HTTP server; it has placeholders like the XML of the node. */
    static final String JETTY = "glucogrid/jetty.xml";

    private static final Pattern IMPORT = Pattern.compile("<import\\s+resource=\"([^\"]+)\"");
    private static final Pattern START = Pattern.compile("\\$\\{(GRID_[A-Z_]+)");

    private XmlDefaults() {}

    /** Defaults by key of an overlay and all it imports; where the overlay says something else, the overlay's holds. */
    static Map<String, String> of(Resource overlay) {
        Map<String, String> defaults = new TreeMap<>();
        List<Resource> files = withImports(overlay);
        files.add(new ClassPathResource(JETTY));
        for (Resource file : files) {
            placeholders(text(file)).forEach((key, values) -> defaults.putIfAbsent(key, values.get(0)));
        }
        return defaults;
    }

    /** The file itself, then what it imports, depth first. */
    static List<Resource> withImports(Resource file) {
        List<Resource> files = new ArrayList<>();
        files.add(file);
        Matcher imports = IMPORT.matcher(text(file));
        while (imports.find()) {
            files.addAll(withImports(Environment.relative(file, imports.group(1))));
        }
        return files;
    }

    /** All defaults of each key in the order of the text; nested placeholders count too. */
    static Map<String, List<String>> placeholders(String text) {
        Map<String, List<String>> found = new TreeMap<>();
        Matcher start = START.matcher(text);
        while (start.find()) {
            int end = closingBrace(text, start.end());
            String rest = text.substring(start.end(), end);
            String value = rest.startsWith(":") ? rest.substring(1) : REQUIRED;
            found.computeIfAbsent(start.group(1), key -> new ArrayList<>()).add(value);
        }
        return found;
    }

    private static int closingBrace(String text, int from) {
        int depth = 1;
        for (int at = from; at < text.length(); at++) {
            if (text.charAt(at) == '{') {
                depth++;
            } else if (text.charAt(at) == '}' && --depth == 0) {
                return at;
            }
        }
        throw new IllegalArgumentException("unclosed placeholder at " + text.substring(from));
    }

    static String text(Resource file) {
        try (InputStream in = file.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(file.getDescription() + " cannot be read", failure);
        }
    }
}

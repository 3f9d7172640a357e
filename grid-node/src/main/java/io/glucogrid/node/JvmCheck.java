package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;

/** Finds the JVM flags that Ignite would otherwise miss half-way through its start, by killing the JVM. */
final class JvmCheck {
    private static final Pattern OPENS = Pattern.compile("(?m)^--add-opens=([^/]+)/([^=]+)=ALL-UNNAMED$");

    private JvmCheck() {}

    /** INVALID_CONFIG that names the missing flags and what to do. */
    static void run() {
        List<String> missing = missing(JvmCheck.class.getModule());
        if (!missing.isEmpty()) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "this JVM was started without " + missing.get(0)
                            + (missing.size() > 1 ? " and " + (missing.size() - 1) + " more flags" : "")
                            + "; start it with ./glucogrid, or as java @conf/jvm.options");
        }
    }

    /** Flags of the shipped list that do not hold for {@code module}; packages this JVM does not have need none. */
    static List<String> missing(Module module) {
        List<String> missing = new ArrayList<>();
        Matcher flag = OPENS.matcher(XmlDefaults.text(new ClassPathResource("glucogrid/jvm.options")));
        while (flag.find()) {
            Optional<Module> owner = ModuleLayer.boot().findModule(flag.group(1));
            String opened = flag.group(2);
            if (owner.isPresent()
                    && owner.get().getPackages().contains(opened)
                    && !owner.get().isOpen(opened, module)) {
                missing.add(flag.group());
            }
        }
        return missing;
    }
}

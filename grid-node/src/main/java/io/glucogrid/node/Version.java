package io.glucogrid.node;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "glucogrid " + (version == null ? "(not packaged)" : version),
            "on Java " + Runtime.version() + ", " + System.getProperty("os.name")
        };
    }
}

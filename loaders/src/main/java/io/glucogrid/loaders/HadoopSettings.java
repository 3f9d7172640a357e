package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of Hadoop's clients: its defaults, then our time limits ({@code hadoop-limits.xml}), then the operator's {@code
 * core-site.xml} and {@code hdfs-site.xml} in the folder that {@code HADOOP_CONF_DIR} names, as every Hadoop client has them.
 */
final class HadoopSettings {
    static final String FOLDER = "HADOOP_CONF_DIR";

    private static final List<String> FILES = List.of("core-site.xml", "hdfs-site.xml");

    private HadoopSettings() {}

    static Configuration load() {
        return load(System.getenv(FOLDER));
    }

    /** INVALID_CONFIG where a folder is named that is none. */
    static Configuration load(@Nullable String folder) {
        Configuration settings = new Configuration();
        settings.addResource(HadoopSettings.class.getResource("hadoop-limits.xml"));
        if (folder != null && !folder.isBlank()) {
            Path given = Path.of(folder);
            if (!Files.isDirectory(given)) {
                throw new GridException(ErrorCode.INVALID_CONFIG, FOLDER + " names no folder: " + folder);
            }
            for (String name : FILES) {
                Path file = given.resolve(name);
                if (Files.isRegularFile(file)) {
                    settings.addResource(new org.apache.hadoop.fs.Path(file.toUri()));
                }
            }
        }
        return settings;
    }
}

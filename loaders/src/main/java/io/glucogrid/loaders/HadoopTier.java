package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.io.InputFile;
import org.jspecify.annotations.Nullable;

/**
 * A tier on storage that Hadoop's clients reach.
 *
 * <p>HDFS and an object store list, read and delete in the same way, but publish in opposite ones, so each has a class of its own
 * for that: {@link HdfsTier} writes beside the final name and renames, which HDFS does in one step and not over another file;
 * {@link S3Tier} has no rename, but an object appears whole when its upload ends, and the upload can be made to fail where the
 * name is taken. Neither ever overwrites.
 *
 * <p>Hadoop keeps one client for each address in a process and we never close it: two nodes in one process share it.
 */
abstract class HadoopTier implements TierStorage {
    static final Set<String> SCHEMES = Set.of("hdfs", "s3a");

    private static final String S3_CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem";

    /** A folder below the one that is listed may go while that happens; more often than this in a row it does not. */
    private static final int ATTEMPTS = 5;

    private final URI root;
    private final FileSystem files;
    private final String prefix;

    HadoopTier(URI root, FileSystem files) {
        this.root = root;
        this.files = files;
        String path = new Path(root).toUri().getPath();
        this.prefix = path.endsWith("/") ? path : path + "/";
    }

    /**
     * The tier at an address, proven writable.
     *
     * @throws GridException INVALID_CONFIG for an address that cannot be one or a client that is not installed,
     *     STORAGE_UNAVAILABLE where it cannot be written
     */
    static HadoopTier open(URI root, Configuration settings) {
        boolean isS3 = "s3a".equals(root.getScheme());
        if (root.getRawAuthority() == null && isS3) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "offline tier " + root + " names no bucket: s3a://BUCKET/PATH");
        }
        if (isS3 && settings.getClassByNameOrNull(S3_CLIENT) == null) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG,
                    "offline tier " + root + " needs the S3 client, which is a layer of its own in the distribution"
                            + " (lib/s3): build it with 'mvn -Ps3 -DskipTests package'");
        }
        try {
            FileSystem files = FileSystem.get(root, settings);
            HadoopTier tier = isS3 ? new S3Tier(root, files) : new HdfsTier(root, files);
            tier.proveWritable();
            return tier;
        } catch (IOException | IllegalArgumentException unusable) { // an unknown host is an argument
            throw new GridException(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    "offline tier " + root + " cannot be written: " + reason(unusable),
                    unusable);
        }
    }

    private static String reason(Exception failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        boolean keyless = failure.toString().contains("NoAwsCredentials")
                || failure.toString().contains("NoAuthWithAWS")
                || failure.toString().contains("Unable to load credentials");
        String advice = keyless
                ? "no credentials; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role to the machine: "
                : "";
        String outer = failure.getClass().getSimpleName() + " " + failure.getMessage();
        return advice
                + (cause == failure || outer.contains(String.valueOf(cause.getMessage()))
                        ? outer
                        : outer + ": " + cause);
    }

    FileSystem files() {
        return files;
    }

    @Override
    public URI root() {
        return root;
    }

    @Override
    public List<TierFile> list(String folder) throws IOException {
        Path start = at(folder);
        for (int attempt = 1; ; attempt++) {
            List<TierFile> found = new ArrayList<>();
            try {
                RemoteIterator<LocatedFileStatus> entries = files.listFiles(start, true);
                while (entries.hasNext()) {
                    FileStatus file = entries.next();
                    found.add(new TierFile(relative(file.getPath()), file.getLen(), file.getModificationTime()));
                }
                return found;
            } catch (FileNotFoundException gone) {
                if (found.isEmpty() && !files.exists(start)) {
                    return found;
                }
                if (attempt == ATTEMPTS) {
                    throw gone;
                }
            }
        }
    }

    @Override
    public List<String> folders() throws IOException {
        List<String> names = new ArrayList<>();
        try {
            for (FileStatus entry : files.listStatus(at(""))) {
                if (entry.isDirectory()) {
                    names.add(entry.getPath().getName());
                }
            }
        } catch (FileNotFoundException nothingYet) {
            return names;
        }
        return names;
    }

    @Override
    public InputFile input(String path) {
        return new HadoopInput(files, at(path));
    }

    @Override
    public void delete(String path) throws IOException {
        files.delete(at(path), false);
    }

    @Override
    public byte @Nullable [] read(String path) throws IOException {
        try (FSDataInputStream in = files.open(at(path))) {
            return in.readAllBytes();
        } catch (FileNotFoundException absent) {
            return null;
        }
    }

    Path at(String path) {
        if (path.startsWith("/") || ("/" + path + "/").contains("/../")) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + path + "' is not a path below the offline tier");
        }
        return new Path(root.getScheme(), root.getRawAuthority(), prefix + path);
    }

    private String relative(Path file) {
        return file.toUri().getPath().substring(prefix.length());
    }
}

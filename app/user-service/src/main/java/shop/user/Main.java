package shop.user;

import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import java.sql.SQLException;
import java.time.Clock;

public final class Main {
    static final String SERVICE = "user-service";
    static final String VERSION = "1.0.0";

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        Log.captureLibraries();
        // A replaced database has a new address, so an old one must not be remembered for long.
        Security.setProperty("networkaddress.cache.ttl", "2");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");

        Settings settings;
        try {
            settings = Settings.read(System.getenv());
        } catch (Settings.Missing e) {
            Log.error(e.getMessage(), null);
            System.exit(1);
            return;
        }

        var database = new Database(settings);
        var server = new Server(settings, database::reachable, Path.of("/tmp/maintenance"));
        new UserApi(new Users(database), new Passwords(), new Tokens(settings.tokenKey, Clock.systemUTC()))
                .register(server);
        try {
            server.start();
        } catch (RuntimeException e) {
            // Threads of the server would keep the process alive.
            Log.error("cannot listen on port " + settings.port, e);
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.stop();
                database.close();
            } catch (InterruptedException | SQLException e) {
                Log.error("the stop was not clean", e);
            }
            // After a signal the JVM would report 143; a stop that was asked for and went well is a success.
            Runtime.getRuntime().halt(0);
        }));
        Log.info("listening on port " + server.port());
        // For the archive of classes in the image: see the Dockerfile.
        if (Boolean.getBoolean("shop.exitOnceStarted")) {
            database.reachable();
            System.exit(0);
        }
    }
}

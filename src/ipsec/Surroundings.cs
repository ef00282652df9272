// What a command sees of the world: paths, streams, the daemon.
using Cygnet.Linux;

namespace Cygnet.Command;

/// <summary>Handed to every command; tests make one of string writers and canned answers.</summary>
sealed record Surroundings(Paths Paths, TextWriter Out, TextWriter Error)
{
    /// <summary>Opens a connection to charon; throws <see cref="ViciFailure"/>.</summary>
    public required Func<IVici> Connect { get; init; }

    /// <summary>The clock, with the local offset.</summary>
    public Func<DateTimeOffset> Now { get; init; } = () => DateTimeOffset.Now;

    /// <summary>Shows a text on the terminal and reads a line from it without echo; null if there is no terminal and no more input.</summary>
    public Func<string, byte[]?> AskSecret { get; init; } = Terminal.AskSecret;

    /// <summary>Whether somebody reads standard error as it comes.</summary>
    public Func<bool> IsTerminal { get; init; } = () => !Console.IsErrorRedirected;

    public static Surroundings OfThisProcess()
    {
        var paths = Paths.OfThisProcess();
        // Lines are read by others as they come: nothing is held back.
        var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 16 << 10) { AutoFlush = true };
        var error = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };
        return new(paths, output, error) { Connect = () => ViciClient.Connect(paths.ViciSocket, paths.Printed(paths.ViciSocket)) };
    }

    /// <summary>Decided by the file alone, as in the reference.</summary>
    public bool HasDaemon => File.Exists(Paths.CharonPidFile);

    public bool HasStarter => File.Exists(Paths.StarterPidFile);
}

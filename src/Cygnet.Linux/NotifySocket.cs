// What a service tells its supervisor: that it is ready, reloads, stops, lives. sd_notify(3), sd_watchdog_enabled(3).
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Linux;

/// <summary>The datagram socket that NOTIFY_SOCKET names, a path or @ and an abstract name. What cannot be sent is lost: nobody waits for it. Thread safe.</summary>
public sealed class NotifySocket
{
    const string SocketVariable = "NOTIFY_SOCKET", IntervalVariable = "WATCHDOG_USEC", ProcessVariable = "WATCHDOG_PID";

    readonly UnixDomainSocketEndPoint _supervisor;

    NotifySocket(UnixDomainSocketEndPoint supervisor, TimeSpan? watchdog) => (_supervisor, Watchdog) = (supervisor, watchdog);

    /// <summary>A process that shows no life for so long is killed; null if nobody watches.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>The socket of this process, which its children do not inherit; null without a supervisor that wants to know.</summary>
    public static NotifySocket? TakeFromEnvironment()
    {
        var socket = Of(Environment.GetEnvironmentVariable, Environment.ProcessId);
        foreach (var name in (string[])[SocketVariable, IntervalVariable, ProcessVariable]) Environment.SetEnvironmentVariable(name, null);
        return socket;
    }

    internal static NotifySocket? Of(Func<string, string?> environment, int processId)
    {
        // other address families there are (vsock:), for virtual machines, not for services
        if (environment(SocketVariable) is not { Length: > 1 } name || name[0] is not ('/' or '@')) return null;
        UnixDomainSocketEndPoint supervisor;
        try { supervisor = new(name[0] == '@' ? $"\0{name[1..]}" : name); }
        catch (ArgumentException) { return null; } // too long for an address
        var isWatched = environment(ProcessVariable) is not { Length: > 0 } watched || watched == processId.ToString(CultureInfo.InvariantCulture);
        return new(supervisor, isWatched && long.TryParse(environment(IntervalVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(Math.Min(microseconds, (long)TimeSpan.FromDays(1).TotalMicroseconds)) : null);
    }

    /// <summary>Ready, for the first time or after a reload.</summary>
    public void Ready(string status) => Send($"READY=1\nMAINPID={Environment.ProcessId}\n{Line(status)}");

    /// <summary>About to read the configuration anew; <see cref="Ready"/> has to follow.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture,
        $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}\nSTATUS=loading the configuration"));

    public void Stopping() => Send("STOPPING=1\nSTATUS=shutting down");

    /// <summary>One line for who asks for the service's state.</summary>
    public void Status(string status) => Send(Line(status));

    /// <summary>A sign of life.</summary>
    public void IsAlive() => Send("WATCHDOG=1");

    static string Line(string status) => $"STATUS={status.ReplaceLineEndings(" ")}";

    void Send(string message)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
            socket.SendTo(Encoding.UTF8.GetBytes(message), _supervisor);
        }
        catch (SocketException)
        {
            // a supervisor that is gone needs to know nothing
        }
    }
}

// Writes to the system log. RFC 3164, as syslog(3) speaks it on /dev/log.
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Linux;

/// <summary>Facilities that an IPsec daemon logs to.</summary>
public enum SyslogFacility
{
    Daemon = 3,
    AuthPriv = 10,
}

/// <summary>Sends lines to a syslog socket; without a listener they are lost, as with syslog(3). Thread safe.</summary>
public sealed class Syslog(string ident, SyslogFacility facility, string path = Syslog.Path) : IDisposable
{
    /// <summary>Where the system's log listens.</summary>
    public const string Path = "/dev/log";

    /// <summary>Severities.</summary>
    public const int Informational = 6, Debug = 7;

    readonly Lock _lock = new();
    Socket? _socket;

    /// <summary>Writes one line per line of the text.</summary>
    public void Write(string text, int severity = Informational)
    {
        var now = DateTime.Now;
        var head = string.Create(CultureInfo.InvariantCulture,
            $"<{((int)facility << 3) | severity}>{now:MMM} {now.Day,2} {now:HH:mm:ss} {ident}[{Environment.ProcessId}]: ");
        lock (_lock)
            foreach (var line in text.Split('\n'))
                // The second try is for a syslog daemon that was started anew.
                if (!TrySend(Encoding.UTF8.GetBytes(head + line))) TrySend(Encoding.UTF8.GetBytes(head + line));
    }

    bool TrySend(byte[] line)
    {
        try
        {
            if (_socket is null)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                _socket = socket;
                socket.Connect(new UnixDomainSocketEndPoint(path));
                // A log that nobody reads must not stop the daemon.
                socket.Blocking = false;
            }
            _socket.Send(line);
            return true;
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode == SocketError.WouldBlock) return true;
            _socket?.Dispose();
            _socket = null;
            return false;
        }
    }

    public void Dispose() => _socket?.Dispose();
}

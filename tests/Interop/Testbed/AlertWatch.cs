// What a daemon tells those who watch of what goes wrong: Cygnet by the event alert of its control socket, strongSwan 5.9.8, which has no such event, by its plugin error-notify.
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>The types of all alerts since it began, in the words of VICI.</summary>
public sealed class AlertWatch : IDisposable
{
    // The plugin's numbers, 1 and up.
    static readonly string[] s_numbered =
    [
        "radius-not-responding", "local-auth-failed", "peer-auth-failed", "parse-error-header", "parse-error-body", "retransmit-send-timeout", "half-open-timeout", "proposal-mismatch-ike",
        "proposal-mismatch-child", "ts-mismatch", "install-child-sa-failed", "install-child-policy-failed", "unique-replace", "unique-keep", "vip-failure", "authorization-failed", "cert-expired",
        "cert-revoked", "cert-no-issuer", "retransmit-send", "retransmit-send-cleared", "retransmit-receive", "peer-addr-failed", "peer-init-unreachable", "invalid-ike-spi", "ts-narrowed",
        "keep-on-child-sa-failure", "ike-sa-expired", "cert-validation-failed", "cert-untrusted-root", "cert-exceeded-path-len", "cert-policy-violation",
    ];

    readonly Background? _plugin;
    readonly Socket? _socket;
    readonly List<string> _seen = [];

    public AlertWatch(Gateway gateway)
    {
        var host = gateway.Host;
        if (gateway.Product != Product.Cygnet)
        {
            _plugin = host.Start("stdbuf", "-oL", "/usr/lib/ipsec/error-notify");
            Wait.Until("the plugin knows who listens", () => host.Shell("ss -xH state connected src '*charon.enfy'").Output.Contains("charon.enfy"));
            return;
        }
        _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // the host's own file system, seen from here
        _socket.Connect(new UnixDomainSocketEndPoint($"/proc/{host.Pid}/root/run/charon.vici"));
        _socket.Send([0, 0, 0, 7, 3, 5, .. "alert"u8]);
        if (Segment() is not [5]) throw new BedFailure("the daemon does not know the event alert");
        new Thread(Follow) { IsBackground = true }.Start();
    }

    public string[] Seen
    {
        get
        {
            if (_plugin is not null)
                return [.. _plugin.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => int.TryParse(l.Split(' ')[0], out var n) && n > 0 && n <= s_numbered.Length ? s_numbered[n - 1] : l)];
            lock (_seen) return [.. _seen];
        }
    }

    // EVENT, its name, then the first element: KEY_VALUE "type".
    void Follow()
    {
        while (Segment() is { Length: > 15 } s)
        {
            if (s[0] != 7 || Encoding.ASCII.GetString(s, 2, 5) != "alert" || s[7] != 3 || Encoding.ASCII.GetString(s, 9, 4) != "type") continue;
            lock (_seen) _seen.Add(Encoding.ASCII.GetString(s, 15, s[13] << 8 | s[14]));
        }
    }

    byte[]? Segment() => Exactly(4) is { } length ? Exactly(length[0] << 24 | length[1] << 16 | length[2] << 8 | length[3]) : null;

    byte[]? Exactly(int count)
    {
        var bytes = new byte[count];
        try
        {
            for (var at = 0; at < count;)
            {
                var more = _socket!.Receive(bytes, at, count - at, SocketFlags.None);
                if (more == 0) return null;
                at += more;
            }
            return bytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _plugin?.Dispose();
        _socket?.Dispose();
    }
}

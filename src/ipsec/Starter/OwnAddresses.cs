// Which words of left= and right= mean this host: that decides which end of a conn is ours. ipsec.conf(5).
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using Cygnet.Linux;
using Cygnet.Policy;

namespace Cygnet.Command.Starter;

/// <summary>
/// For one reading of the files: asking the kernel anew for each end of ten thousand conns would take half a minute. Names are looked up if there is a
/// <paramref name="lookup"/>, for five seconds all together: a gateway must not wait at every start for a resolver that lies behind its own tunnels.
/// </summary>
sealed class OwnAddresses(Func<string, Address[]>? lookup, Func<IEnumerable<IPAddress>> ofThisHost)
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    readonly Lazy<HashSet<IPAddress>> _own = new(() => [.. ofThisHost()]);
    readonly Dictionary<string, bool> _names = new(StringComparer.OrdinalIgnoreCase);
    TimeSpan _left = s_patience;

    public static OwnAddresses OfThisHost(bool asksNames) => new(asksNames ? DnsNames.Lookup : null,
        () => NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(u => u.Address));

    public bool Contains(string word)
    {
        if (IPAddress.TryParse(word, out var address)) return _own.Value.Contains(address);
        if (lookup is null || _left <= TimeSpan.Zero) return false;
        if (!_names.TryGetValue(word, out var isOwn)) _names.Add(word, isOwn = Ask(word));
        return isOwn;
    }

    bool Ask(string name)
    {
        var since = Stopwatch.GetTimestamp();
        var asked = Task.Run(() => lookup!(name));
        var answered = asked.Wait(_left);
        // A wait may end a little before its time.
        _left = answered ? _left - Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;
        return answered && asked.Result.Any(a => _own.Value.Contains(a.ToIPAddress()));
    }
}

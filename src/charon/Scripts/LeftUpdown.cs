// The scripts that have been told that a tunnel is up, in the host's state: the next daemon tells them that it is down if this one crashes.
using Cygnet.Linux;
using Cygnet.Updown;

namespace Cygnet.Charon.Scripts;

/// <summary>Without a state nothing is kept. Thread safe.</summary>
sealed class LeftUpdown(HostState? state)
{
    const string Kind = "updown", Verb = "PLUTO_VERB", Up = "up-", Down = "down-";

    // What may change while a tunnel stands must not keep it from being found again.
    static readonly HashSet<string> _moving = ["PLUTO_ME", "PLUTO_PEER", "PLUTO_INTERFACE", "PLUTO_UNIQUEID", "PLUTO_UDP_ENC"];

    readonly Lock _lock = new();
    readonly Dictionary<string, Stack<string>> _up = new(StringComparer.Ordinal);

    /// <summary>To be called before the script runs.</summary>
    public void Begin(UpdownCall call)
    {
        if (state is null || !call.IsUp) return;
        var variables = call.Variables.Select(v => v.Name == Verb ? (v.Name, Down + v.Value[Up.Length..]) : v);
        Keep(call with { Variables = [.. variables] });
    }

    /// <summary>To be called when the script has run.</summary>
    public void End(UpdownCall call)
    {
        if (state is null || call.IsUp) return;
        lock (_lock)
        {
            var key = Format(call, v => !_moving.Contains(v));
            if (!_up.TryGetValue(key, out var lines)) return;
            state.RemoveText(lines.Pop());
            if (lines.Count == 0) _up.Remove(key);
        }
    }

    /// <summary>What takes down the tunnels of a daemon that crashed; kept until it has run, too.</summary>
    public IEnumerable<UpdownCall> TakeLeft()
    {
        foreach (var line in state?.LeftTexts ?? [])
            if (Parse(line) is { } call)
            {
                Keep(call);
                yield return call;
            }
    }

    /// <summary>What takes down the tunnels whose scripts have not been told yet.</summary>
    public IReadOnlyList<UpdownCall> Standing()
    {
        lock (_lock) return [.. _up.Values.SelectMany(lines => lines).Select(Parse).OfType<UpdownCall>()];
    }

    void Keep(UpdownCall down)
    {
        lock (_lock)
        {
            var (key, line) = (Format(down, v => !_moving.Contains(v)), Format(down, _ => true));
            if (!_up.TryGetValue(key, out var lines)) _up[key] = lines = new();
            lines.Push(line);
            state!.AddText(line);
        }
    }

    internal static string Format(UpdownCall call, Func<string, bool> takes) => string.Join(' ', (string[])[Kind, Uri.EscapeDataString(call.Command),
        .. call.Variables.Where(v => takes(v.Name)).Select(v => $"{v.Name}={Uri.EscapeDataString(v.Value)}")]);

    internal static UpdownCall? Parse(string line)
    {
        var words = line.Split(' ');
        if (words.Length < 2 || words[0] != Kind) return null;
        var variables = words[2..].Select(w => w.Split('=', 2)).Where(w => w.Length == 2).Select(w => (Name: w[0], Value: Uri.UnescapeDataString(w[1]))).ToList();
        return variables.Any(v => v.Name == Verb && v.Value.StartsWith(Down, StringComparison.Ordinal)) ? new(Uri.UnescapeDataString(words[1]), variables) : null;
    }
}

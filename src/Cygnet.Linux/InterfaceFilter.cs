// Which network devices are of use for IKE. strongswan.conf, interfaces_use and interfaces_ignore.
namespace Cygnet.Linux;

/// <summary>If devices are named to use, only they are usable; else all but those to ignore.</summary>
public sealed class InterfaceFilter
{
    readonly HashSet<string> _use, _ignore;

    /// <summary>Comma separated names; null or empty names none.</summary>
    public InterfaceFilter(string? use = null, string? ignore = null) => (_use, _ignore) = (Names(use), Names(ignore));

    /// <summary>Every device is usable.</summary>
    public bool IsEmpty => _use.Count == 0 && _ignore.Count == 0;

    public bool IsUsable(string device) => _use.Count > 0 ? _use.Contains(device) : !_ignore.Contains(device);

    static HashSet<string> Names(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

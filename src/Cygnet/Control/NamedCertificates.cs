// Certificates that a request names instead of sending them: by file, or by handle on a token. docs/vici.md, swanctl.conf(5).
namespace Cygnet.Control;

/// <summary>Certificates in files and on tokens, which the daemon fetches itself.</summary>
static class NamedCertificates
{
    /// <summary>Whether a section of a round names a certificate: <c>cert…</c> or <c>cacert…</c>.</summary>
    public static bool IsOne(ViciSection section) =>
        section.Name.StartsWith("cert", StringComparison.OrdinalIgnoreCase) || section.Name.StartsWith("cacert", StringComparison.OrdinalIgnoreCase);

    /// <summary>The connection's section with the certificates themselves in place of what names them; null and the errmsg if one cannot be had.</summary>
    public static ViciSection? Resolve(ViciSection connection, IDaemon daemon, out string errmsg)
    {
        errmsg = "";
        if (!AreIn(connection)) return connection;
        var resolved = new ViciSection(connection.Name);
        foreach (var element in connection.Elements)
        {
            if (element is not ViciSection round || !HasSome(round))
            {
                resolved.Elements.Add(element);
                continue;
            }
            var copy = resolved.AddSection(round.Name);
            foreach (var inner in round.Elements)
            {
                if (inner is not ViciSection section || !IsOne(section)) copy.Elements.Add(inner);
                else if (Fetch(section, daemon, out errmsg) is not { } der) return null;
                else copy.AddList(section.Name.StartsWith("ca", StringComparison.OrdinalIgnoreCase) ? "cacerts" : "certs", [der]);
            }
        }
        return resolved;
    }

    /// <summary>Whether there is anything to resolve.</summary>
    public static bool AreIn(ViciSection connection) => connection.Sections.Any(HasSome);

    // A child may be called cert, too.
    static bool HasSome(ViciSection round) => round.Name != "children" && round.Sections.Any(IsOne);

    static byte[]? Fetch(ViciSection section, IDaemon daemon, out string errmsg)
    {
        foreach (var element in section.Elements)
            if (element is not ViciValue { Name: "file" or "handle" or "slot" or "module" })
                return Refuse(element is ViciSection ? $"invalid section: {element.Name}" : $"unknown option: {element.Name}, config discarded", out errmsg);
        var (file, handle) = (section.Has("file"), section.Has("handle"));
        if (!file && !handle) return Refuse($"handle or file path missing: {section.Name}", out errmsg);
        if (file && handle) return Refuse($"handle and file path given: {section.Name}", out errmsg);
        if (section.Has("slot") && !(section.Text("slot") is { } slot && Vici.TryNumber(slot, out var number) && number is >= 0 and <= int.MaxValue)) return Refuse("invalid value for: slot, config discarded", out errmsg);
        if (handle && TokenWords.Read(section) is null) return Refuse("invalid value for: handle, config discarded", out errmsg);
        if (Read(section, daemon, out var why) is { } der)
        {
            errmsg = "";
            return der;
        }
        return Refuse($"unable to load certificate: {section.Name} ({why})", out errmsg);
    }

    static byte[]? Refuse(string why, out string errmsg)
    {
        errmsg = why;
        return null;
    }

    /// <summary>What <c>file</c>, or else <c>handle</c>, names; it is for the caller to say whether that is a certificate.</summary>
    public static byte[]? Read(ViciSection section, IDaemon daemon, out string why)
    {
        if (section.Has("file"))
        {
            if (section.Utf8("file") is { } path && path.StartsWith('/')) return daemon.ReadFile(path, out why);
            why = "'file' takes an absolute path";
            return null;
        }
        if (TokenWords.Read(section) is { } what) return daemon.Tokens.Certificate(what, out why);
        why = "'handle' takes the hexadecimal id of an object";
        return null;
    }
}

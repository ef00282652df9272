// What strongswan.conf says to pki: PKCS#11 modules, and how certificates are checked online. The reference's strongswan.conf(5).
using Cygnet.Config;
using Cygnet.Linux;
using Cygnet.Linux.Fetch;

namespace Cygnet.PkiTool;

/// <summary>
/// Section pki, then libstrongswan, as in the reference; then charon: who has told the daemon of his card need not say it twice.
/// </summary>
sealed class PkiConf(StrongswanSettings settings)
{
    static readonly string[] s_sections = ["pki", "libstrongswan", "charon"];

    /// <summary>A file that is not there, or not ours to read, is an empty one. Throws <see cref="Refusal"/> if it is broken.</summary>
    public static PkiConf Read(string path)
    {
        var settings = StrongswanSettings.Parse(path, new HostFiles());
        return settings.IsFatal ? throw new Refusal(string.Join('\n', settings.Errors)) : new(settings);
    }

    /// <summary>Those of the first section that names any.</summary>
    public IEnumerable<(string Name, string Path, bool OsLocking)> Modules => s_sections.Select(s => $"{s}.plugins.pkcs11.modules")
        .FirstOrDefault(s => settings.Sections(s).Count > 0) is not { } at ? []
        : settings.Sections(at).Select(m => (m, settings.Text($"{at}.{m}.path") ?? "", settings.Boolean($"{at}.{m}.os_locking")));

    /// <summary>The charon section does not count here: <c>--online</c> asks for what the daemon may have switched off.</summary>
    public FetchSettings Fetching => new(TimeSpan.FromSeconds(Math.Clamp(settings.Time("pki.plugins.revocation.timeout", TimeSpan.FromSeconds(10)).TotalSeconds, 1, 3600)),
        new(settings.Boolean("pki.plugins.revocation.enable_ocsp", true), settings.Boolean("pki.plugins.revocation.enable_crl", true)));
}

// Certification authorities with a name, and where their CRLs and OCSP responders are: load, unload, list. docs/vici.md.
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Control;

sealed class AuthorityCommands(IDaemon daemon, StateCommands changes)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["load-authority"] = changes.Wrap(Load);
        table["unload-authority"] = changes.Wrap(Unload);
        table["get-authorities"] = (_, _) => Task.FromResult(new ViciSection().AddList("authorities", daemon.Store.Current.Authorities.Select(a => a.Name)));
        table["list-authorities"] = List;
    }

    async Task<ViciSection> List(Session session, ViciPacket packet)
    {
        var name = packet.Message.Text("name");
        foreach (var authority in daemon.Store.Current.Authorities.Where(a => name is null || a.Name == name))
        {
            await session.Room().ConfigureAwait(false);
            var message = new ViciSection();
            var section = message.AddSection(authority.Name)
                .Add("cacert", authority.Certificate.Subject.ToString())
                .AddList("crl_uris", authority.CrlUris)
                .AddList("ocsp_uris", authority.OcspUris);
            if (authority.CertificateBase is not null) section.Add("cert_uri_base", authority.CertificateBase);
            // swanctl prints every key, and knows none of this.
            if (packet.Message.Boolean("x-ext")) section.Add("x-cacert", authority.Certificate.Raw);
            session.Stream("list-authority", message);
        }
        return new();
    }

    Change Load(LoadedState state, ViciPacket packet)
    {
        if (packet.Malformed) return Change.Refused(state, "parsing request failed");
        foreach (var section in packet.Message.Sections)
        {
            var (authority, error) = Read(section);
            if (authority is null) return Change.Refused(state, error!);
            // A reloaded authority moves to the end.
            state = Remove(state, authority.Name);
            state = state.With(b =>
            {
                b.Add(authority.Certificate, CertificateFlags.Trusted, authority.Source);
                b.Add(new AuthorityLocations(authority.Certificate, authority.CrlUris, authority.OcspUris, authority.Source) { CertificateBase = authority.CertificateBase });
            }) with { Authorities = state.Authorities.Add(authority) };
        }
        return Change.Done(state);
    }

    (LoadedAuthority? Authority, string? Error) Read(ViciSection section)
    {
        byte[]? data = null;
        string? @base = null;
        ImmutableArray<string> crlUris = [], ocspUris = [];
        foreach (var element in section.Elements)
            switch (element)
            {
                case ViciValue { Name: "cacert" } v: data ??= v.Value; break;
                case ViciValue { Name: "file", Text: not null } or ViciValue { Name: "module", Text: not null }: break;
                case ViciValue { Name: "handle" } when TokenWords.Read(section) is not null: break;
                case ViciValue { Name: "slot", Text: { } slot } when Vici.TryNumber(slot, out var n) && n is >= 0 and <= int.MaxValue: break;
                case ViciList { Name: "crl_uris" } l when l.Texts.Count() == l.Items.Count: crlUris = [.. crlUris, .. l.Texts]; break;
                case ViciList { Name: "ocsp_uris" } l when l.Texts.Count() == l.Items.Count: ocspUris = [.. ocspUris, .. l.Texts]; break;
                case ViciValue { Name: "cert_uri_base", Text: { } text } when AuthorityLocations.IsCertificateBase(text): @base = text; break;
                case ViciValue { Name: "file" or "handle" or "slot" or "module" or "cert_uri_base" } or ViciList { Name: "crl_uris" or "ocsp_uris" }:
                    return (null, $"invalid value for: {element.Name}, authority discarded");
                default: return (null, $"unknown option: {element.Name}, authority discarded");
            }
        var why = "";
        if (data is null && (section.Has("file") || section.Has("handle"))) data = NamedCertificates.Read(section, daemon, out why);
        return data is not null && Certificate.TryParse(data, out _) is { IsCa: true } certificate
            ? (new(section.Name, certificate, crlUris, ocspUris) { CertificateBase = @base }, null)
            : (null, $"CA certificate missing: {section.Name}{(why.Length > 0 ? $" ({why})" : "")}");
    }

    static Change Unload(LoadedState state, ViciPacket packet)
    {
        if (packet.Message.Text("name") is not { } name) return Change.Refused(state, "unload: missing authority name");
        return state.Authorities.Any(a => a.Name == name)
            ? Change.Done(Remove(state, name))
            : Change.Refused(state, $"unload: authority '{name}' not found");
    }

    static LoadedState Remove(LoadedState state, string name) =>
        state.With(b =>
        {
            b.RemoveCertificates(LoadedAuthority.SourceOf(name));
            b.RemoveLocations(LoadedAuthority.SourceOf(name));
        }) with { Authorities = state.Authorities.RemoveAll(a => a.Name == name) };
}

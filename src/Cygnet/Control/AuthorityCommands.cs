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
        table["load-authority"] = changes.WrapSlow(Load);
        table["x-check-authority"] = (_, p) => StateCommands.Slowly(() => Check(p));
        table["unload-authority"] = changes.Wrap(Unload);
        table["get-authorities"] = (_, _) => Task.FromResult(new ViciSection().AddList("authorities", daemon.Store.Current.Authorities.Select(a => a.Name)));
        table["list-authorities"] = List;
    }

    async Task<ViciSection> List(Session session, ViciPacket packet)
    {
        var name = packet.Message.Utf8("name");
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

    /// <summary>Whether an authority could be loaded, and whose certificate it is: a card that is not in its slot need not spoil the rest. An extension.</summary>
    ViciSection Check(ViciPacket packet)
    {
        var (authority, error) = packet.Message.Sections.FirstOrDefault() is { } section && !packet.Malformed ? Read(section) : (null, "parsing request failed");
        return authority is null ? Answer.No(error!) : Answer.Yes().Add("subject", authority.Certificate.Subject.ToString());
    }

    StateCommand Load(ViciPacket packet)
    {
        if (packet.Malformed) return (state, _) => Change.Refused(state, "parsing request failed");
        List<(LoadedAuthority? Authority, string? Error)> read = [.. packet.Message.Sections.Select(Read)];
        return (state, _) => Load(state, read);
    }

    static Change Load(LoadedState state, List<(LoadedAuthority? Authority, string? Error)> read)
    {
        foreach (var (authority, error) in read)
        {
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
        var isNamed = data is null && (section.Has("file") || section.Has("handle"));
        if (isNamed) data = NamedCertificates.Read(section, daemon, out why);
        var certificate = data is null ? null : Certificate.TryParse(data, out _);
        if (isNamed && certificate is { IsCa: false }) why = $"\"{certificate.Subject}\" lacks ca basic constraint";
        return certificate is { IsCa: true }
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

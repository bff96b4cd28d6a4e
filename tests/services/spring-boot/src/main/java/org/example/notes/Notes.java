package org.example.notes;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Notes in memory, written and read as JSON. */
@SpringBootApplication
@RestController
public class Notes {
    record Text(String text) {}

    record Note(int id, String text) {}

    private final Map<Integer, Note> notes = new ConcurrentHashMap<>();
    private final AtomicInteger last = new AtomicInteger();

    public static void main(String[] args) {
        SpringApplication.run(Notes.class, args);
    }

    @GetMapping("/status")
    Map<String, Object> status() {
        return Map.of("language", "java", "notes", notes.size());
    }

    @PostMapping("/notes")
    ResponseEntity<Note> add(@RequestBody Text text) {
        Note note = new Note(last.incrementAndGet(), text.text());
        notes.put(note.id(), note);
        return ResponseEntity.created(URI.create("/notes/" + note.id())).body(note);
    }

    @GetMapping("/notes/{id}")
    Note get(@PathVariable int id) {
        Note note = notes.get(id);
        if (note == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return note;
    }
}

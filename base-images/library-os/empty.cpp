// A component that is only headers still has an object.
